// SPDX-License-Identifier: GPL-2.0
/*
 * Balanced trees: see rbtree.h.
 */
#include "kernel.h"

static u32 next_priority(void)
{
	static u32 state = 0x2545f491;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static struct rb_node **link_of(struct rb_node *node, struct rb_root *root)
{
	if (!node->parent)
		return &root->rb_node;
	return node->parent->rb_left == node ? &node->parent->rb_left :
					       &node->parent->rb_right;
}

/* @node takes the place of its parent, which becomes its child. */
static void rotate_up(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = node->parent, *middle;

	*link_of(parent, root) = node;
	node->parent = parent->parent;
	if (parent->rb_left == node) {
		middle = node->rb_right;
		parent->rb_left = middle;
		node->rb_right = parent;
	} else {
		middle = node->rb_left;
		parent->rb_right = middle;
		node->rb_left = parent;
	}
	parent->parent = node;
	if (middle)
		middle->parent = parent;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	node->priority = next_priority();
	while (node->parent && node->priority > node->parent->priority)
		rotate_up(node, root);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child;

	while (node->rb_left && node->rb_right)
		rotate_up(node->rb_left->priority > node->rb_right->priority ?
			  node->rb_left : node->rb_right, root);
	child = node->rb_left ? node->rb_left : node->rb_right;
	*link_of(node, root) = child;
	if (child)
		child->parent = node->parent;
}

static struct rb_node *leftmost(struct rb_node *node)
{
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

static struct rb_node *rightmost(struct rb_node *node)
{
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return leftmost(root->rb_node);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return rightmost(root->rb_node);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	if (node->rb_right)
		return leftmost(node->rb_right);
	while (node->parent && node->parent->rb_right == node)
		node = node->parent;
	return node->parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	if (node->rb_left)
		return rightmost(node->rb_left);
	while (node->parent && node->parent->rb_left == node)
		node = node->parent;
	return node->parent;
}
