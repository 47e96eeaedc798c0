//! The access matrix.

use serde::{Deserialize, Serialize};

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the workspace and who one is in it.
    WorkspaceRead,
    /// Rename the workspace.
    WorkspaceManage,
    /// List, make and revoke API keys.
    ApiKeysManage,
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
    /// Every permission, in the order the matrix is printed.
    pub const ALL: [Self; 11] = [
        Self::WorkspaceRead,
        Self::WorkspaceManage,
        Self::ApiKeysManage,
        Self::ResourcesRead,
        Self::ResourcesWrite,
        Self::CampaignsRead,
        Self::CampaignsRun,
        Self::EvaluationsRun,
        Self::TracesRead,
        Self::TracesWrite,
        Self::ScoresWrite,
    ];
}

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
            Self::Owner | Self::Admin => true,
            Self::Editor => !matches!(permission, P::WorkspaceManage | P::ApiKeysManage),
            Self::Reviewer => matches!(
                permission,
                P::WorkspaceRead
                    | P::ResourcesRead
                    | P::CampaignsRead
                    | P::TracesRead
                    | P::ScoresWrite
            ),
            Self::Viewer => {
                matches!(
                    permission,
                    P::WorkspaceRead | P::ResourcesRead | P::CampaignsRead | P::TracesRead
                )
            }
        }
    }

    /// Whether one who has `self` may hand `other` out: never more than one has.
    #[must_use]
    pub fn may_grant(self, other: Self) -> bool {
        Permission::ALL
            .into_iter()
            .all(|p| self.grants(p) || !other.grants(p))
            && (self == Self::Owner || other != Self::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_no_more_than_the_one_above() {
        for pair in Role::ALL.windows(2) {
            for p in Permission::ALL {
                assert!(
                    !pair[1].grants(p) || pair[0].grants(p),
                    "{:?} has {p:?}, {:?} has not",
                    pair[1],
                    pair[0]
                );
            }
        }
    }

    #[test]
    fn only_an_owner_makes_owners() {
        assert!(Role::Owner.may_grant(Role::Owner));
        assert!(!Role::Admin.may_grant(Role::Owner));
        assert!(!Role::Editor.may_grant(Role::Admin));
        assert!(Role::Editor.may_grant(Role::Viewer));
    }

    #[test]
    fn names_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
