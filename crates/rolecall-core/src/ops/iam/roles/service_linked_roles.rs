//! Roles that AWS's services have for themselves: `CreateServiceLinkedRole`, `DeleteServiceLinkedRole`,
//! `GetServiceLinkedRoleDeletionStatus`. Nobody here acts for a service; the roles are there for the tools
//! that demand them.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::quota;
use crate::ops::iam::roles;
use crate::records::key::Usage;
use crate::records::{self, Document, Role, Sight, key, role};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{
    CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse, DeleteServiceLinkedRoleRequest,
    DeleteServiceLinkedRoleResponse, GetServiceLinkedRoleDeletionStatusRequest,
    GetServiceLinkedRoleDeletionStatusResponse, op,
};

/// What is known of a service that has such roles.
struct Template {
    service: &'static str,
    /// What follows `AWSServiceRoleFor` in the role's name.
    name: &'static str,
    /// The name of its policy.
    policy: &'static str,
    /// Whether there may be several, told apart by a suffix.
    suffix: bool,
}

impl Serve for op::CreateServiceLinkedRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateServiceLinkedRoleRequest) -> Result<Targets<()>, Error> {
        let service = &input.aws_service_name;
        let name =
            find(service).map_or_else(|| "*".to_owned(), |t| t.role_name(input.custom_suffix.as_deref()));
        let target =
            Target::new("iam:CreateServiceLinkedRole", role::arn(cx.account(), &path(service), &name));
        Ok(Targets::one(target.with("iam:AWSServiceName", service.as_str())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateServiceLinkedRoleRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateServiceLinkedRoleResponse>, Error> {
        let template =
            find(&input.aws_service_name).ok_or_else(|| iam::no_template(&input.aws_service_name))?;
        if input.custom_suffix.is_some() && !template.suffix {
            return Err(iam::suffix_not_allowed(template.service));
        }
        let role = template.role(cx, input)?;
        quota::ROLES.check(cx.system, &key::roles(&role.account)).await?;
        let mut txn = granted.begin(cx);
        if txn.get(&key::role(&role.account, &role.name)).await?.is_some() {
            return Err(iam::service_role_taken(&role.name));
        }
        for arn in &role.attached {
            txn.put(key::usage(Usage::Attached, &role.account, arn, "role", &role.name), Vec::new());
        }
        records::write(&mut txn, key::role(&role.account, &role.name), &role)?;
        txn.commit().await?;
        let role = Some(roles::within(cx.system, &role).await?);
        Ok(CreateServiceLinkedRoleResponse { role }.into())
    }
}

impl Serve for op::DeleteServiceLinkedRole {
    type Seen = Sight<Role>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteServiceLinkedRoleRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:DeleteServiceLinkedRole", &input.role_name).await
    }

    /// No service uses its role here, so it is gone at once.
    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteServiceLinkedRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<DeleteServiceLinkedRoleResponse>, Error> {
        let role = entity::require(granted.seen(), &input.role_name)?;
        if !role.path.starts_with(PATH) {
            return Err(entity::missing::<Role>(&role.name));
        }
        let mut txn = granted.begin(cx);
        for arn in &role.attached {
            txn.delete(key::usage(Usage::Attached, &role.account, arn, Role::KIND.name, &role.name));
        }
        txn.delete(key::role_use(&role.id));
        txn.delete(key::role(&role.account, &role.name));
        let task = format!("task{}{}/{}", role.path, role.name, crate::entropy::uuid());
        txn.put(key::deletion_task(&role.account, &task), Vec::new());
        txn.commit().await?;
        Ok(DeleteServiceLinkedRoleResponse { deletion_task_id: task }.into())
    }
}

impl Serve for op::GetServiceLinkedRoleDeletionStatus {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        input: &GetServiceLinkedRoleDeletionStatusRequest,
    ) -> Result<Targets, Error> {
        let role = input.deletion_task_id.strip_prefix("task").and_then(|rest| rest.rsplit_once('/'));
        let role = role.map_or("/*", |(role, _)| role);
        let arn = format!("arn:aws:iam::{}:role{role}", cx.account());
        Ok(Targets::on("iam:GetServiceLinkedRoleDeletionStatus", arn))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetServiceLinkedRoleDeletionStatusRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetServiceLinkedRoleDeletionStatusResponse>, Error> {
        let key = key::deletion_task(cx.account(), &input.deletion_task_id);
        if cx.system.store.get(&key).await?.is_none() {
            return Err(iam::no_such_deletion_task(&input.deletion_task_id));
        }
        let status = "SUCCEEDED".to_owned();
        Ok(GetServiceLinkedRoleDeletionStatusResponse { status, reason: None }.into())
    }
}

impl Template {
    fn role_name(&self, suffix: Option<&str>) -> String {
        let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
        format!("AWSServiceRoleFor{}{suffix}", self.name)
    }

    fn role(&self, cx: &Cx<'_>, input: CreateServiceLinkedRoleRequest) -> Result<Role, Error> {
        let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": [self.service]}, "Action": ["sts:AssumeRole"]}]});
        Ok(Role {
            account: cx.account().clone(),
            name: self.role_name(input.custom_suffix.as_deref()),
            path: path(self.service),
            id: unique_id(Prefix::Role)?,
            created: cx.now,
            description: input.description,
            max_session_duration: 3600,
            trust: Document::new(trust.to_string()),
            tags: Vec::new(),
            boundary: None,
            attached: vec![format!("arn:aws:iam::aws:policy{PATH}{}", self.policy)],
            inline: Vec::new(),
        })
    }
}

fn find(service: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.service == service)
}

fn path(service: &str) -> String {
    format!("{PATH}{service}/")
}

const fn template(service: &'static str, name: &'static str, policy: &'static str, suffix: bool) -> Template {
    Template { service, name, policy, suffix }
}

const PATH: &str = "/aws-service-role/";

/// The services that tools make roles for (each service's guide, Using service-linked roles).
static TEMPLATES: [Template; 18] = [
    template("access-analyzer.amazonaws.com", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false),
    template("autoscaling.amazonaws.com", "AutoScaling", "AutoScalingServiceRolePolicy", true),
    template("batch.amazonaws.com", "Batch", "BatchServiceRolePolicy", false),
    template("cloudtrail.amazonaws.com", "CloudTrail", "CloudTrailServiceRolePolicy", false),
    template("config.amazonaws.com", "Config", "AWSConfigServiceRolePolicy", false),
    template("ecs.amazonaws.com", "ECS", "AmazonECSServiceRolePolicy", false),
    template("eks.amazonaws.com", "AmazonEKS", "AmazonEKSServiceRolePolicy", false),
    template("elasticache.amazonaws.com", "ElastiCache", "ElastiCacheServiceRolePolicy", false),
    template(
        "elasticbeanstalk.amazonaws.com",
        "ElasticBeanstalk",
        "AWSElasticBeanstalkServiceRolePolicy",
        false,
    ),
    template(
        "elasticloadbalancing.amazonaws.com",
        "ElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
        false,
    ),
    template("guardduty.amazonaws.com", "AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false),
    template(
        "opensearchservice.amazonaws.com",
        "AmazonOpenSearchService",
        "AmazonOpenSearchServiceRolePolicy",
        false,
    ),
    template("organizations.amazonaws.com", "Organizations", "AWSOrganizationsServiceTrustPolicy", false),
    template("rds.amazonaws.com", "RDS", "AmazonRDSServiceRolePolicy", false),
    template("spot.amazonaws.com", "EC2Spot", "AWSEC2SpotServiceRolePolicy", false),
    template("sso.amazonaws.com", "SSO", "AWSSSOServiceRolePolicy", false),
    template("support.amazonaws.com", "Support", "AWSSupportServiceRolePolicy", false),
    template("trustedadvisor.amazonaws.com", "TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy", false),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed;
    use crate::testing::World;
    use rolecall_wire::Service;

    #[test]
    fn every_policy_of_a_template_is_one_of_aws() {
        for template in &TEMPLATES {
            let arn = format!("arn:aws:iam::aws:policy{PATH}{}", template.policy);
            assert!(managed::find(&arn).is_some(), "{arn}");
        }
    }

    #[tokio::test]
    async fn a_service_linked_role_is_made_kept_from_changes_and_deleted() {
        let world = World::new().await;
        let made =
            world.iam("CreateServiceLinkedRole", &[("AWSServiceName", "organizations.amazonaws.com")]).await;
        let arn = "arn:aws:iam::123456789012:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations";
        assert_eq!(made.tag("Arn"), Some(arn));
        let name = ("RoleName", "AWSServiceRoleForOrganizations");
        let ask = async |action, params: &[_]| world.ask(&world.root, Service::Iam, action, params).await;
        ask("DeleteRole", &[name]).await.expect(
            400,
            "UnmodifiableEntity",
            "Cannot perform the operation on the protected role 'AWSServiceRoleForOrganizations' - this role is only modifiable by AWS",
        );
        let suffixed = [("AWSServiceName", "autoscaling.amazonaws.com"), ("CustomSuffix", "x")];
        let made = world.iam("CreateServiceLinkedRole", &suffixed).await;
        assert_eq!(made.tag("RoleName"), Some("AWSServiceRoleForAutoScaling_x"));
        let task = world.iam("DeleteServiceLinkedRole", &[name]).await;
        let task = task.tag("DeletionTaskId").unwrap();
        let status = world.iam("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", task)]).await;
        assert_eq!(status.tag("Status"), Some("SUCCEEDED"));
        assert_eq!(ask("GetRole", &[name]).await.tag("Code"), Some("NoSuchEntity"));
        let other = format!("{task}0");
        let seen = ask("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", &other)]).await;
        assert_eq!(seen.status, 404);
        world.iam("CreateServiceLinkedRole", &[("AWSServiceName", "organizations.amazonaws.com")]).await;
    }
}
