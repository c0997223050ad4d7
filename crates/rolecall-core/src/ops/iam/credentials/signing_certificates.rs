//! `ListSigningCertificates`: no user can have one here yet. Clients ask before they delete a user, and are told the
//! truth.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::{SeenHolder, Whose};
use crate::ops::paging::Paging;
use crate::target::Targets;
use rolecall_wire::iam::{self as wire, ListSigningCertificatesResponse, op};

impl Serve for op::ListSigningCertificates {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListSigningCertificatesRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:ListSigningCertificates").await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: wire::ListSigningCertificatesRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<ListSigningCertificatesResponse>, Error> {
        Paging::of(input.marker.as_deref(), input.max_items)?;
        granted.seen().require()?;
        Ok(ListSigningCertificatesResponse { is_truncated: Some(false), ..Default::default() }.into())
    }
}
