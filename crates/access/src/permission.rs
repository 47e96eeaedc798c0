//! What can be permitted, and sets of it.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What a route needs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $name),*
        }

        impl Permission {
            /// Every permission, in the order the matrix is printed.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

permissions! {
    /// See the workspace and who one is in it.
    WorkspaceRead,
    /// Rename the workspace.
    WorkspaceManage,
    /// Hand the workspace to another owner. The owner's alone: no custom role has it.
    OwnershipTransfer,
    /// See members, roles and invitations.
    MembersRead,
    /// Invite, change and remove members.
    MembersManage,
    /// Make and change custom roles.
    RolesManage,
    /// List, make and revoke API keys and service accounts.
    ApiKeysManage,
    /// Read and export the audit log.
    AuditRead,
    /// See agents, models, datasets, scenarios.
    ResourcesRead,
    /// Write agents, models, datasets, scenarios.
    ResourcesWrite,
    /// See campaigns and their runs.
    CampaignsRead,
    /// Start and cancel campaigns.
    CampaignsRun,
    /// Score a test case on its own.
    EvaluationsRun,
    /// See traces, observations and scores.
    TracesRead,
    /// Send traces and observations.
    TracesWrite,
    /// Give scores.
    ScoresWrite,
}

impl Permission {
    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of permissions. On the wire a list of their names; a name that is unknown makes the list invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Whether the permission is in it.
    #[must_use]
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Its members, in the order of the matrix.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |p| self.has(*p))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, p| set | p.bit()))
    }
}

impl From<Vec<Permission>> for PermissionSet {
    fn from(permissions: Vec<Permission>) -> Self {
        permissions.into_iter().collect()
    }
}

impl From<PermissionSet> for Vec<Permission> {
    fn from(set: PermissionSet) -> Self {
        set.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_list_of_names() {
        let set: PermissionSet = [Permission::TracesRead, Permission::WorkspaceRead]
            .into_iter()
            .collect();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"["workspace_read","traces_read"]"#);
        assert_eq!(serde_json::from_str::<PermissionSet>(&json).unwrap(), set);
        assert!(serde_json::from_str::<PermissionSet>(r#"["root"]"#).is_err());
    }

    #[test]
    fn sets() {
        let all: PermissionSet = Permission::ALL.iter().copied().collect();
        let one: PermissionSet = [Permission::AuditRead].into_iter().collect();
        assert!(all.covers(one) && !one.covers(all) && one.covers(PermissionSet::NONE));
        assert_eq!(all.and(one), one);
        assert!(one.has(Permission::AuditRead) && !one.has(Permission::TracesRead));
        assert_eq!(all.iter().count(), Permission::ALL.len());
    }
}
