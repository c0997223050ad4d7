// What @aws-sdk/credential-providers makes of a token in a file: each way in, and who it is then.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { fromIni, fromTemporaryCredentials, fromTokenFile } from "@aws-sdk/credential-providers";

const region = "us-east-1";
const { WEB_ROLE, SECOND_ROLE, BUCKET } = process.env;
const ways = {
  fromTokenFile: fromTokenFile({ roleArn: WEB_ROLE, roleSessionName: "js-file", clientConfig: { region } }),
  fromIni: fromIni({ profile: "web", clientConfig: { region } }),
  fromTemporaryCredentials: fromTemporaryCredentials({
    masterCredentials: fromTokenFile({ roleArn: WEB_ROLE, roleSessionName: "js-file", clientConfig: { region } }),
    params: { RoleArn: SECOND_ROLE, RoleSessionName: "js-chained" },
    clientConfig: { region },
  }),
};
const seen = {};
for (const [name, credentials] of Object.entries(ways)) {
  const sts = new STSClient({ region, credentials });
  seen[name] = (await sts.send(new GetCallerIdentityCommand({}))).Arn;
}
const s3 = new S3Client({ region, credentials: ways.fromTokenFile, forcePathStyle: true });
await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "from-js", Body: "hello" }));
const back = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "from-js" }));
seen.object = await back.Body.transformToString();
console.log(JSON.stringify(seen));
