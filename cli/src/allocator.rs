//! The allocator of the process.

use libmimalloc_sys as sys;

/// Requests are many small allocations on two or more threads, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of `mimalloc.h`, version 2: after how many milliseconds memory that is free goes back to the
/// system. The bindings do not name it.
const PURGE_DELAY: sys::mi_option_t = 15;

/// Gives free memory back to the system at once, not after ten milliseconds: a thousand conversations free and take
/// pages all the time, and a tenth of what the process held was waiting to be given back. It costs no measurable time
/// (`cargo xtask bench host campaign`). `MIMALLOC_PURGE_DELAY` in the environment goes before it.
pub(crate) fn give_back_at_once() {
    // SAFETY: the number is one of the library's options (it refuses others), and no other thread runs yet.
    #[allow(unsafe_code)]
    unsafe {
        sys::mi_option_set_default(PURGE_DELAY, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bindings do not name the option: a new version of the library may count its options otherwise.
    #[test]
    fn the_option_is_the_one_that_was_ten() {
        // SAFETY: reads a number.
        #[allow(unsafe_code)]
        let before = unsafe { sys::mi_option_get(PURGE_DELAY) };
        assert_eq!(before, 10);
        give_back_at_once();
        #[allow(unsafe_code)]
        let after = unsafe { sys::mi_option_get(PURGE_DELAY) };
        assert_eq!(after, 0);
    }
}
