// The calls of aws-actions/configure-aws-credentials: by a runner's token, or by keys with session tags.
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const region = "us-east-1";
const session = { RoleArn: process.env.ROLE_TO_ASSUME, RoleSessionName: "GitHubActions", DurationSeconds: 3600 };

async function byToken() {
  const url = `${process.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`;
  const headers = { authorization: `Bearer ${process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` };
  const { value } = await (await fetch(url, { headers })).json();
  const sts = new STSClient({ region });
  return sts.send(new AssumeRoleWithWebIdentityCommand({ ...session, WebIdentityToken: value }));
}

async function byKeys() {
  const tag = (Key, Value) => ({ Key, Value });
  const Tags = [
    tag("GitHub", "Actions"),
    tag("Repository", "octo-org/app"),
    tag("Workflow", "deploy"),
    tag("Action", "__aws-actions_configure-aws-credentials"),
    tag("Actor", "octocat"),
    tag("Commit", "2c6395d0e6a3a6a2f5f4a3e3b2a1908070605040"),
    tag("Branch", "refs/heads/main"),
  ];
  const sts = new STSClient({ region });
  return sts.send(new AssumeRoleCommand({ ...session, Tags, ExternalId: "ext-1" }));
}

const { Credentials } = process.argv[2] === "keys" ? await byKeys() : await byToken();
const credentials = {
  accessKeyId: Credentials.AccessKeyId,
  secretAccessKey: Credentials.SecretAccessKey,
  sessionToken: Credentials.SessionToken,
};
const { Arn } = await new STSClient({ region, credentials }).send(new GetCallerIdentityCommand({}));
console.log(JSON.stringify({ Arn }));
