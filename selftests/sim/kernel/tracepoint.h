/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints that are always off.
 */
#ifndef XTCP_SIM_TRACEPOINT_H
#define XTCP_SIM_TRACEPOINT_H

#define TP_PROTO(args...)		(args)
#define TP_ARGS(args...)		(args)

/* Tracepoints have arguments in parentheses, with commas inside. */
#define TRACE_EVENT(name, proto, ...)					\
	static inline void trace_##name proto				\
	{								\
	}								\
	static inline bool trace_##name##_enabled(void)			\
	{								\
		return false;						\
	}
#define DECLARE_EVENT_CLASS(name, ...)
#define DEFINE_EVENT(class, name, ...)	TRACE_EVENT(name, __VA_ARGS__)

#endif /* XTCP_SIM_TRACEPOINT_H */
