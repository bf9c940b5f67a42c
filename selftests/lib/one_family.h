/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XTCP_ONE_FAMILY=1: run each test with IPv4 or IPv6 only, for runs where the
 * other version would test the same code again.
 */
#ifndef XTCP_TEST_ONE_FAMILY_H
#define XTCP_TEST_ONE_FAMILY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

/* Return: true if all variants are v4* or v6*, with at least one of each. */
static inline bool has_families(const struct __fixture_metadata *f)
{
	const struct __fixture_variant_metadata *v;
	bool v4 = false, v6 = false;

	for (v = f->variant; v; v = v->next) {
		if (!strncmp(v->name, "v4", 2))
			v4 = true;
		else if (!strncmp(v->name, "v6", 2))
			v6 = true;
		else
			return false;
	}
	return v4 && v6;
}

/*
 * Move every other test of @f, and its variants v6*, to a new fixture after it.
 * @to_v6: whether the next test is moved.
 */
static inline void divide_fixture(struct __fixture_metadata *f, bool *to_v6)
{
	struct __fixture_metadata *six = calloc(1, sizeof(*six));
	struct __fixture_variant_metadata *v = f->variant, **v4, **v6;
	struct __test_metadata *t = f->tests, **tests4, **tests6;

	if (!six)
		abort();
	six->name = f->name;
	six->next = f->next;
	f->next = six;
	v4 = &f->variant;
	v6 = &six->variant;
	for (; v; v = v->next) {
		if (v->name[1] == '4') {
			*v4 = v;
			v4 = &v->next;
		} else {
			*v6 = v;
			v6 = &v->next;
		}
	}
	*v4 = NULL;
	*v6 = NULL;
	tests4 = &f->tests;
	tests6 = &six->tests;
	for (; t; t = t->next, *to_v6 = !*to_v6) {
		if (*to_v6) {
			*tests6 = t;
			tests6 = &t->next;
		} else {
			*tests4 = t;
			tests4 = &t->next;
		}
	}
	*tests4 = NULL;
	*tests6 = NULL;
}

/* Tests run with IPv4 and with IPv6 in turns, across all fixtures. */
static inline void share_out_families(void)
{
	const char *asked = getenv("XTCP_ONE_FAMILY");
	struct __fixture_metadata *f;
	bool to_v6 = false;

	if (!asked || strcmp(asked, "1"))
		return;
	for (f = __fixture_list; f; f = f->next) {
		if (!has_families(f))
			continue;
		divide_fixture(f, &to_v6);
		f = f->next;
	}
}

#endif
