//! `Debug` prints that show how long a value is and nothing of what it says.

/// Implements `Debug` for types with `as_str` as their name and length.
macro_rules! debug_as_length {
    ($($type:ident),+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({} bytes)", stringify!($type), self.as_str().len())
            }
        }
    )+};
}

pub(super) use debug_as_length;
