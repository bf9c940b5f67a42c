/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Balanced trees with the interface of <linux/rbtree.h>. They are treaps: each
 * node has a random priority, and is above all nodes of lower priority.
 */
#ifndef XTCP_SIM_RBTREE_H
#define XTCP_SIM_RBTREE_H

#include "basics.h"

struct rb_node {
	struct rb_node *parent;		/* the node itself: in no tree */
	struct rb_node *rb_left;
	struct rb_node *rb_right;
	u32 priority;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
};

#define RB_ROOT			((struct rb_root){ NULL })
#define RB_EMPTY_ROOT(root)	(!(root)->rb_node)
#define RB_EMPTY_NODE(node)	((node)->parent == (node))
#define RB_CLEAR_NODE(node)	((void)((node)->parent = (node)))
#define rb_entry(ptr, type, member)	container_of(ptr, type, member)

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->parent = parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/*
 * Nodes may be freed during the walk, so the walk cannot use the tree: take the
 * root out until the tree is empty. The order does not matter here.
 */
#define rbtree_postorder_for_each_entry_safe(pos, n, root, field)	\
	for (; (root)->rb_node &&					\
	     ((n) = (pos) = rb_entry((root)->rb_node,			\
				     __typeof__(*(pos)), field),	\
	      rb_erase(&(n)->field, root), true);)

#endif /* XTCP_SIM_RBTREE_H */
