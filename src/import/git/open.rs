//! Finds the object that a history begins at, in a repository or a bundle.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::objects::own;
use super::{GitError, ObjectId};

/// Tells apart why gix didn't open a repository.
pub(super) fn open_error(path: &Path, error: gix::Error) -> GitError {
    let path = path.to_owned();
    let denied = error.iter_errors().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::PermissionDenied)
    });
    if denied {
        return GitError::Permission {
            path,
            source: error.into(),
        };
    }
    let folder = if path.join(".git").is_dir() {
        path.join(".git")
    } else {
        path.clone()
    };
    if let Some(format) = declared_format(&folder.join("config"))
        && format != "sha1"
    {
        return GitError::ObjectFormat { path, format };
    }
    if folder.join("HEAD").exists() && folder.join("objects").exists() {
        GitError::Open {
            path,
            source: error.into(),
        }
    } else {
        GitError::NotARepository {
            path,
            source: Some(error.into()),
        }
    }
}

/// The object format that a repository's configuration declares.
fn declared_format(config: &Path) -> Option<String> {
    let text = fs::read_to_string(config).ok()?.to_ascii_lowercase();
    let value = text.lines().find_map(|line| {
        line.trim()
            .strip_prefix("objectformat")?
            .trim()
            .strip_prefix('=')
    })?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// The object that the branch or `HEAD` of a repository names.
pub(super) fn repository_tip(
    path: &Path,
    repository: &gix::Repository,
    branch: Option<&str>,
) -> Result<ObjectId, GitError> {
    let reference_error = |name: &str, error: gix::Error| GitError::Reference {
        path: path.to_owned(),
        name: name.to_owned(),
        source: error.into(),
    };
    let names = match branch {
        Some(branch) => vec![format!("refs/heads/{branch}"), branch.to_owned()],
        None => vec!["HEAD".to_owned()],
    };
    if branch.is_none() {
        let head = repository
            .head()
            .map_err(|error| reference_error("HEAD", error))?;
        if let gix::head::Kind::Unborn(name) = &head.kind {
            let any = repository
                .references()
                .and_then(|all| Ok(all.all()?.next().is_some()));
            return Err(if any.map_err(|error| reference_error("HEAD", error))? {
                GitError::UnbornHead {
                    path: path.to_owned(),
                    branch: name.to_string(),
                }
            } else {
                GitError::Empty {
                    path: path.to_owned(),
                }
            });
        }
    }
    // A name that no reference may have can't be that of one.
    for name in names
        .iter()
        .filter(|name| gix::refs::FullName::try_from(name.as_str()).is_ok())
    {
        let found = repository
            .try_find_reference(name.as_str())
            .map_err(|error| reference_error(name, error))?;
        if let Some(mut reference) = found {
            let object = reference
                .follow_to_object()
                .map_err(|error| reference_error(name, error))?;
            return Ok(own(&object));
        }
    }
    let branch = branch.unwrap_or("HEAD").to_owned();
    Err(GitError::NoSuchBranch {
        path: path.to_owned(),
        branch,
    })
}

/// The object that the branch or `HEAD` of a bundle names.
pub(super) fn bundle_tip(
    path: &Path,
    refs: &[(String, ObjectId)],
    branch: Option<&str>,
) -> Result<ObjectId, GitError> {
    let find = |wanted: &str| {
        refs.iter()
            .find(|(name, _)| name == wanted)
            .map(|&(_, object)| object)
    };
    if let Some(branch) = branch {
        return find(&format!("refs/heads/{branch}"))
            .or_else(|| find(branch))
            .ok_or_else(|| GitError::NoSuchBranch {
                path: path.to_owned(),
                branch: branch.to_owned(),
            });
    }
    let mut branches = refs
        .iter()
        .filter(|(name, _)| name.starts_with("refs/heads/"));
    let only = match (branches.next(), branches.next()) {
        (Some(&(_, object)), None) => Some(object),
        _ => None,
    };
    let named = || find("refs/heads/main").or_else(|| find("refs/heads/master"));
    find("HEAD")
        .or(only)
        .or_else(named)
        .ok_or_else(|| match refs {
            [] => GitError::Empty {
                path: path.to_owned(),
            },
            _ => GitError::NoHead {
                path: path.to_owned(),
            },
        })
}

/// An error of the system: about permissions, or as `otherwise` makes it.
pub(super) fn permission_or(
    path: &Path,
    error: io::Error,
    otherwise: impl FnOnce(PathBuf, io::Error) -> GitError,
) -> GitError {
    if error.kind() == io::ErrorKind::PermissionDenied {
        GitError::Permission {
            path: path.to_owned(),
            source: error.into(),
        }
    } else {
        otherwise(path.to_owned(), error)
    }
}
