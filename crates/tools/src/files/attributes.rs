//! Extended attributes and access rules of a file: what a replacement takes over, and what a plan cannot keep.
//!
//! Attributes of users and access rules are taken over by a replacement and lost with a deletion; a file with
//! capabilities is left alone; labels of the system (`security.selinux`) are its own business.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::XattrFlags;
use rustix::io::Errno;

/// Longest attribute value of the kernel (XATTR_SIZE_MAX).
const ATTRIBUTE_BYTES_MAX: usize = 64 << 10;

/// Extended attributes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extras {
    /// It has file capabilities.
    pub(crate) capabilities: bool,
    /// It has attributes or access rules that a plan does not keep.
    pub(crate) attributes: bool,
}

/// Attributes, by name. A file system without them has none.
pub(crate) fn extras(file: &OwnedFd) -> Result<Extras, Errno> {
    let names = attribute_names(file)?;
    Ok(Extras {
        capabilities: names.iter().any(|name| name == "security.capability"),
        attributes: names.iter().any(|name| is_kept_attribute(name)),
    })
}

/// Whether an attribute belongs to the file's users rather than to the system's labelling.
fn is_kept_attribute(name: &str) -> bool {
    name.starts_with("user.") || name == "system.posix_acl_access"
}

/// Names of a file's extended attributes.
fn attribute_names(file: impl AsFd) -> Result<Vec<String>, Errno> {
    // 64 KiB is the kernel's own bound (XATTR_LIST_MAX).
    let mut list = vec![0_u8; 4 << 10];
    let count = match rustix::fs::flistxattr(&file, list.as_mut_slice()) {
        Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        Err(Errno::RANGE) => {
            list.resize(64 << 10, 0);
            rustix::fs::flistxattr(&file, list.as_mut_slice())?
        }
        found => found?,
    };
    let names = list.get(..count).unwrap_or_default().split(|byte| *byte == 0);
    Ok(names
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect())
}

/// Gives a new file what users attached to the old one.
pub(crate) fn copy_attributes(old: &OwnedFd, new: &File) -> Result<(), Errno> {
    for name in attribute_names(old)?.iter().filter(|name| is_kept_attribute(name)) {
        copy_attribute(old, new, name)?;
    }
    Ok(())
}

fn copy_attribute(old: &OwnedFd, new: &File, name: &str) -> Result<(), Errno> {
    let mut value = vec![0_u8; ATTRIBUTE_BYTES_MAX];
    let count = rustix::fs::fgetxattr(old, name, value.as_mut_slice())?;
    rustix::fs::fsetxattr(new, name, value.get(..count).unwrap_or_default(), XattrFlags::empty())
}
