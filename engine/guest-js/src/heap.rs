//! The guest's memory allocator.
//!
//! What a run costs besides its own work is, for a good part, the pages that it writes: the
//! engine puts them back before the next one. So small blocks of all sizes lie side by side,
//! in the order in which they are first asked for, and not in an area for each size: a small
//! run writes to three pages of new blocks instead of thirty. It takes few instructions,
//! too, as a block that is freed is kept for the next one of its size.
//!
//! In turn, small blocks that are free never become large ones again. QuickJS has areas of
//! its own for sizes, which `engine/host/build.rs` turns off.
#![allow(
    unsafe_code,
    reason = "an allocator hands out raw memory; each block is what `alloc` made of a chunk"
)]

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::UnsafeCell,
    ptr,
};
use std::alloc::System;

/// The most bytes of a small block.
const SMALL_BYTES_MAX: usize = 512;
/// Small blocks are of a multiple of so many bytes, and lie at one.
const STEP_BYTES: usize = 8;
/// How much memory is taken at a time, to make small blocks of.
const CHUNK_BYTES: usize = 16 * 1024;
/// How much is set aside for the small blocks of a run.
const RUN_BYTES: usize = 64 * 1024;

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Small {
    free: [ptr::null_mut(); SMALL_BYTES_MAX / STEP_BYTES],
    next: ptr::null_mut(),
    left: 0,
    of_run: ptr::null_mut(),
}));

/// Small blocks, and the standard library's allocator for the others.
struct Heap(UnsafeCell<Small>);

// SAFETY: an instance of the guest has one thread.
unsafe impl Sync for Heap {}

struct Small {
    /// The first free block of each size; each holds a pointer to the next one.
    free: [*mut u8; SMALL_BYTES_MAX / STEP_BYTES],
    /// The part of the newest chunk that no block was made of.
    next: *mut u8,
    left: usize,
    /// What is set aside for the run.
    of_run: *mut u8,
}

/// Sets memory aside for the run, here at the start of the heap. Between runs, the engine puts
/// back the first pieces of memory that were written; more than 32 are dropped, which costs
/// the next run a page fault for each page. This one is in every run, so it comes first.
pub fn set_aside() {
    // SAFETY: nobody else uses it: there is one thread, and no call in between.
    let small = unsafe { &mut *HEAP.0.get() };
    small.of_run = chunk(RUN_BYTES);
    assert!(!small.of_run.is_null(), "the heap is empty");
}

/// From now on, small blocks are made of what was set aside: together, instead of wherever
/// something was freed before.
pub fn start_run() {
    // SAFETY: nobody else uses it: there is one thread, and no call in between.
    let small = unsafe { &mut *HEAP.0.get() };
    small.free.fill(ptr::null_mut());
    small.next = small.of_run;
    small.left = RUN_BYTES;
}

/// Memory that small blocks can be made of.
fn chunk(bytes: usize) -> *mut u8 {
    // SAFETY: the layout is right: the sizes are no zeros.
    unsafe { System.alloc(Layout::from_size_align_unchecked(bytes, STEP_BYTES)) }
}

/// Which of the sizes of small blocks a layout has; `None` if it is none.
fn size_class(layout: Layout) -> Option<usize> {
    let is_small = layout.size() <= SMALL_BYTES_MAX && layout.align() <= STEP_BYTES;
    is_small.then(|| layout.size().saturating_sub(1) / STEP_BYTES)
}

impl Small {
    fn alloc(&mut self, class: usize) -> *mut u8 {
        let block = self.free[class];
        if !block.is_null() {
            // SAFETY: it was freed into this list, which holds the next one in it.
            self.free[class] = unsafe { block.cast::<*mut u8>().read() };
            return block;
        }
        let bytes = (class + 1) * STEP_BYTES;
        if self.left < bytes && !self.refill() {
            return ptr::null_mut();
        }
        let block = self.next;
        // SAFETY: the chunk has so many bytes left.
        self.next = unsafe { block.add(bytes) };
        self.left -= bytes;
        block
    }

    /// Takes a new chunk; what is left of the last one becomes a free block.
    #[cold]
    fn refill(&mut self) -> bool {
        let chunk = chunk(CHUNK_BYTES);
        if chunk.is_null() {
            return false;
        }
        if self.left >= STEP_BYTES {
            self.free(self.next, self.left / STEP_BYTES - 1);
        }
        self.next = chunk;
        self.left = CHUNK_BYTES;
        true
    }

    fn free(&mut self, block: *mut u8, class: usize) {
        // SAFETY: it has at least `STEP_BYTES` and nobody uses it.
        unsafe { block.cast::<*mut u8>().write(self.free[class]) };
        self.free[class] = block;
    }
}

// SAFETY: a block is of the size and alignment of its class, and of no other use until it is
// freed; what is not small is System's.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match size_class(layout) {
            // SAFETY: there is one thread, and `Small` does not allocate from itself.
            Some(class) => unsafe { &mut *self.0.get() }.alloc(class),
            // SAFETY: as the caller has it.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if size_class(layout).is_none() {
            // SAFETY: as the caller has it.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: as the caller has it; a block has as many bytes as its layout says.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match size_class(layout) {
            // SAFETY: as in `alloc`; the caller has it from there, with this layout.
            Some(class) => unsafe { &mut *self.0.get() }.free(block, class),
            // SAFETY: as the caller has it.
            None => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller has a size that is right with this alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (size_class(layout), size_class(new_layout)) {
            (Some(class), Some(new_class)) if class == new_class => block,
            // SAFETY: as the caller has it.
            (None, None) => unsafe { System.realloc(block, layout, new_size) },
            // SAFETY: as the caller has it, and both blocks have the bytes that are copied.
            _ => unsafe {
                let new = self.alloc(new_layout);
                if !new.is_null() {
                    let bytes = layout.size().min(new_size);
                    ptr::copy_nonoverlapping(block, new, bytes);
                    self.dealloc(block, layout);
                }
                new
            },
        }
    }
}
