// What @aws-sdk/credential-providers finds in the instance metadata service, and who it is then.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromInstanceMetadata } from "@aws-sdk/credential-providers";

const sts = new STSClient({ region: "us-east-1", credentials: fromInstanceMetadata() });
const { Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
console.log(JSON.stringify({ arn }));
