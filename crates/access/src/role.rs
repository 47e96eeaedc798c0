//! The access matrix.

use crate::{Permission, PermissionSet};
use serde::{Deserialize, Serialize};

/// What an actor is in a workspace, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but give the workspace away.
    Admin,
    /// Builds and runs evaluations.
    Editor,
    /// Sees everything and gives scores.
    Reviewer,
    /// Sees everything.
    Viewer,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role; use owner, admin, editor, reviewer or viewer")]
pub struct UnknownRole(pub String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(s: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == s)
            .ok_or_else(|| UnknownRole(s.to_owned()))
    }
}

impl Role {
    /// Every role, from most to least.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Editor,
        Self::Reviewer,
        Self::Viewer,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Viewer => "viewer",
        }
    }

    /// Whether the role has the permission. Deny by default: a permission not named here is the owner's and the
    /// administrator's alone.
    #[must_use]
    pub const fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(permission, P::OwnershipTransfer),
            Self::Editor => matches!(
                permission,
                P::WorkspaceRead
                    | P::MembersRead
                    | P::ResourcesRead
                    | P::ResourcesWrite
                    | P::CampaignsRead
                    | P::CampaignsRun
                    | P::EvaluationsRun
                    | P::TracesRead
                    | P::TracesWrite
                    | P::ScoresWrite
            ),
            Self::Reviewer => matches!(
                permission,
                P::WorkspaceRead
                    | P::MembersRead
                    | P::ResourcesRead
                    | P::CampaignsRead
                    | P::TracesRead
                    | P::ScoresWrite
            ),
            Self::Viewer => matches!(
                permission,
                P::WorkspaceRead
                    | P::MembersRead
                    | P::ResourcesRead
                    | P::CampaignsRead
                    | P::TracesRead
            ),
        }
    }

    /// All that the role grants.
    #[must_use]
    pub fn permissions(self) -> PermissionSet {
        let all = Permission::ALL.iter().copied();
        all.filter(|p| self.grants(*p)).collect()
    }
}

/// A role as members and keys name it: one of the five, or one that the workspace made (`custom:<id>`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RoleName {
    /// One of the five.
    BuiltIn(Role),
    /// The id of a workspace's own role.
    Custom(String),
}

const CUSTOM: &str = "custom:";

impl std::str::FromStr for RoleName {
    type Err = UnknownRole;

    fn from_str(s: &str) -> Result<Self, UnknownRole> {
        match s.strip_prefix(CUSTOM) {
            Some(id) if !id.is_empty() && id.len() <= 64 && !id.contains('\0') => {
                Ok(Self::Custom(id.to_owned()))
            }
            Some(_) => Err(UnknownRole(s.to_owned())),
            None => s.parse().map(Self::BuiltIn),
        }
    }
}

impl TryFrom<String> for RoleName {
    type Error = UnknownRole;

    fn try_from(s: String) -> Result<Self, UnknownRole> {
        s.parse()
    }
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(role) => f.write_str(role.as_str()),
            Self::Custom(id) => write!(f, "{CUSTOM}{id}"),
        }
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.to_string()
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        Self::BuiltIn(role)
    }
}

/// What someone holds in a workspace: a role, and what it permits once custom roles and scopes are looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: RoleName,
    /// What is permitted: the role's permissions, less those that a key's scopes leave out.
    pub permissions: PermissionSet,
}

impl Grant {
    /// A role's permissions. `custom` are those of the workspace's own role, `scopes` those that a key keeps.
    #[must_use]
    pub fn new(
        role: RoleName,
        custom: Option<PermissionSet>,
        scopes: Option<PermissionSet>,
    ) -> Self {
        let own = match &role {
            RoleName::BuiltIn(role) => role.permissions(),
            // A role that is gone grants nothing; none of them grants what is the owner's alone.
            RoleName::Custom(_) => custom.unwrap_or_default().and(Role::Admin.permissions()),
        };
        let permissions = scopes.map_or(own, |scopes| own.and(scopes));
        Self { role, permissions }
    }

    /// Whether the grant has the permission.
    #[must_use]
    pub const fn has(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Whether it is an owner's, undiminished.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.role == RoleName::BuiltIn(Role::Owner) && self.has(Permission::OwnershipTransfer)
    }

    /// Whether one who holds `self` may hand `other` out, change or take it: never more than one has.
    #[must_use]
    pub fn may_grant(&self, other: &Self) -> bool {
        self.permissions.covers(other.permissions)
            && (self.is_owner() || other.role != RoleName::BuiltIn(Role::Owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_no_more_than_the_one_above() {
        for pair in Role::ALL.windows(2) {
            for &p in Permission::ALL {
                assert!(
                    !pair[1].grants(p) || pair[0].grants(p),
                    "{:?} has {p:?}, {:?} has not",
                    pair[1],
                    pair[0]
                );
            }
        }
    }

    fn grant(role: Role) -> Grant {
        Grant::new(role.into(), None, None)
    }

    #[test]
    fn only_an_owner_makes_owners() {
        assert!(grant(Role::Owner).may_grant(&grant(Role::Owner)));
        assert!(!grant(Role::Admin).may_grant(&grant(Role::Owner)));
        assert!(!grant(Role::Editor).may_grant(&grant(Role::Admin)));
        assert!(grant(Role::Editor).may_grant(&grant(Role::Viewer)));
        let scoped = [Permission::TracesRead].into_iter().collect();
        let owners_key = Grant::new(Role::Owner.into(), None, Some(scoped));
        assert!(!owners_key.is_owner() && !grant(Role::Admin).may_grant(&owners_key));
    }

    #[test]
    fn custom_roles_grant_what_they_list_and_never_what_is_the_owners() {
        let listed: PermissionSet = [Permission::AuditRead, Permission::OwnershipTransfer]
            .into_iter()
            .collect();
        let name: RoleName = "custom:7".parse().unwrap();
        let custom = Grant::new(name.clone(), Some(listed), None);
        assert!(custom.has(Permission::AuditRead));
        assert!(!custom.has(Permission::OwnershipTransfer) && !custom.is_owner());
        assert_eq!(
            Grant::new(name, None, None).permissions,
            PermissionSet::NONE
        );
    }

    #[test]
    fn names_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
        for name in ["viewer", "custom:0190"] {
            assert_eq!(name.parse::<RoleName>().unwrap().to_string(), name);
        }
        assert!("custom:".parse::<RoleName>().is_err());
    }
}
