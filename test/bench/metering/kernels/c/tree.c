// Builds complete binary trees, counts their nodes and lets them go: allocation and recursion.
#include "kernel.h"

struct node {
  struct node *left, *right;
};

static struct node *grow(int32_t depth) {
  struct node *node = malloc(sizeof *node);
  node->left = depth > 0 ? grow(depth - 1) : NULL;
  node->right = depth > 0 ? grow(depth - 1) : NULL;
  return node;
}

static int32_t nodes_of(const struct node *node) {
  return node->left == NULL ? 1 : 1 + nodes_of(node->left) + nodes_of(node->right);
}

static void let_go(struct node *node) {
  if (node->left != NULL) {
    let_go(node->left);
    let_go(node->right);
  }
  free(node);
}

static uint64_t kernel(int32_t depth) {
  uint64_t hash = SEED;
  for (int32_t level = 4; level <= depth; level += 2) {
    int32_t trees = 1 << (depth - level);
    for (int32_t i = 0; i < trees; i++) {
      struct node *root = grow(level);
      hash = mix(hash, (uint64_t)nodes_of(root));
      let_go(root);
    }
  }
  return hash;
}
