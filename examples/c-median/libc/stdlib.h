/* What the bindings and the contract need of the standard library. */
#ifndef PHAT_STDLIB_H
#define PHAT_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
_Noreturn void abort(void);

#endif
