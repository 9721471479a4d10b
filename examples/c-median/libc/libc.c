/* A standard library for one run: memory is taken and never given back, as the
   engine's instance ends with the run. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAGE ((size_t)65536)
#define ALIGNMENT ((size_t)16)

/* Where the linker's data and stack end. */
extern unsigned char __heap_base;

/* What is known of a block, in front of it. */
typedef struct {
    size_t size;
    size_t padding[3];
} header_t;

_Static_assert(sizeof(header_t) == ALIGNMENT, "blocks stay aligned");

static uintptr_t next_free;

_Noreturn void abort(void) {
    __builtin_trap();
}

void *malloc(size_t size) {
    if (next_free == 0)
        next_free = ((uintptr_t)&__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t whole = sizeof(header_t) + ((size + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
    size_t end = __builtin_wasm_memory_size(0) * PAGE;
    if (whole > SIZE_MAX - next_free)
        return NULL;
    if (next_free + whole > end) {
        size_t pages = (next_free + whole - end + PAGE - 1) / PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX)
            return NULL;
    }
    header_t *header = (header_t *)next_free;
    next_free += whole;
    header->size = size;
    return header + 1;
}

void *calloc(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *block = malloc(count * size);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

void *realloc(void *block, size_t size) {
    if (block == NULL)
        return malloc(size);
    size_t before = ((header_t *)block - 1)->size;
    if (size <= before)
        return block;
    void *moved = malloc(size);
    return moved == NULL ? NULL : memcpy(moved, block, before);
}

void free(void *block) {
    (void)block;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    unsigned char *target = to;
    const unsigned char *source = from;
    while (size-- > 0)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    unsigned char *target = to;
    const unsigned char *source = from;
    if (target <= source)
        return memcpy(to, from, size);
    while (size-- > 0)
        target[size] = source[size];
    return to;
}

void *memset(void *to, int byte, size_t size) {
    unsigned char *target = to;
    while (size-- > 0)
        *target++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *one, const void *other, size_t size) {
    const unsigned char *left = one, *right = other;
    for (; size > 0; size--, left++, right++)
        if (*left != *right)
            return *left < *right ? -1 : 1;
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}
