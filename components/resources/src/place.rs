//! Where resources are: in a workspace, or below a parent in it. Every statement about them starts from here.

use crate::resource::{Resource, id};
pub(crate) use assay_edge::db::Params;
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Problem};

/// The kind that another one is below of.
pub(crate) struct Parent {
    /// Its table.
    pub(crate) table: &'static str,
    /// For people.
    pub(crate) noun: &'static str,
}

/// Where the resources of one request are.
pub(crate) struct Place {
    parent: Option<String>,
}

impl Place {
    /// Directly in the workspace.
    pub(crate) const WORKSPACE: Self = Self { parent: None };

    /// Where the request's path points.
    ///
    /// # Errors
    /// When there is no such parent.
    pub(crate) async fn of<R: Resource>(ctx: &Ctx, db: &ScopedDb) -> Result<Self, Problem> {
        let Some(parent) = R::PARENT else {
            return Ok(Self::WORKSPACE);
        };
        let id = id(ctx, "id", parent.noun)?;
        let sql = format!(
            "SELECT 1 AS there FROM {} WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
            parent.table
        );
        match db.first(&sql, [id.into()]).await? {
            Some(_) => Ok(Self {
                parent: Some(id.to_owned()),
            }),
            None => Err(Problem::not_found(parent.noun)),
        }
    }

    /// The condition that a row of the table `r` is here.
    pub(crate) fn holds(&self, params: &mut Params) -> String {
        match &self.parent {
            None => "r.workspace_id = $1".to_owned(),
            Some(parent) => format!(
                "r.workspace_id = $1 AND r.parent_id = {}",
                params.add(parent)
            ),
        }
    }

    /// The parent's id, where there is one.
    pub(crate) fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// The path of the resource's list.
    pub(crate) fn path<R: Resource>(&self) -> String {
        match (R::PARENT, &self.parent) {
            (Some(parent), Some(id)) => format!(
                "/api/v1/{}/{id}/{}",
                parent.table.replace('_', "-"),
                R::TABLE.replace('_', "-")
            ),
            _ => format!("/api/v1/{}", R::TABLE.replace('_', "-")),
        }
    }
}
