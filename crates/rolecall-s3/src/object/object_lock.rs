//! Retention and legal holds of objects: no bucket has object lock, so none can be read or set.

use crate::S3;
use crate::error as s3;
use crate::place::{self, Action, SeenObject, bucket};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::Operation;
use rolecall_wire::s3::op;

/// The operation and the action it needs on the object, whatever its version. The operations differ in
/// nothing else.
macro_rules! locks {
    ($($operation:ident needs $action:literal;)*) => {$(
        impl Serve<S3> for op::$operation {
            type Seen = SeenObject;

            async fn targets(cx: &Cx<'_>, input: &<Self as Operation>::Input) -> Result<Targets<SeenObject>, Error> {
                let bucket = bucket(cx).await?;
                let version = input.version_id.as_deref();
                place::object_targets(cx, bucket, &input.key, &[Action($action, $action)], version).await
            }

            async fn run(_: &mut Cx<'_>, input: <Self as Operation>::Input, mut granted: Granted<SeenObject>) -> Result<Reply<<Self as Operation>::Output>, Error> {
                place::decided(&mut granted, input.version_id.as_deref())?;
                Err(s3::bucket_without_object_lock())
            }
        }
    )*};
}

locks! {
    GetObjectLegalHold needs "s3:GetObjectLegalHold";
    GetObjectRetention needs "s3:GetObjectRetention";
    PutObjectLegalHold needs "s3:PutObjectLegalHold";
    PutObjectRetention needs "s3:PutObjectRetention";
}
