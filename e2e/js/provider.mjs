// A real OpenID provider on a port of its own, and beside it what a GitHub runner offers: an endpoint that signs
// tokens about a workflow, with the provider's key.
import http from "node:http";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const server = http.createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "rs", alg: "RS256", use: "sig" }] },
  clients: [{ client_id: "web-app", client_secret: "secret", redirect_uris: ["https://client.example.com/cb"] }],
  cookies: { keys: ["only a test"] },
  pkce: { required: () => false },
});
const pages = provider.callback();

async function workflowToken(request, response) {
  if (request.headers.authorization !== "Bearer runner") {
    response.writeHead(401).end();
    return;
  }
  const audience = new URL(request.url, issuer).searchParams.get("audience");
  const token = await new SignJWT({ repository: "octo-org/app", ref: "refs/heads/main" })
    .setProtectedHeader({ alg: "RS256", kid: "rs", typ: "JWT" })
    .setIssuer(issuer)
    .setSubject("repo:octo-org/app:ref:refs/heads/main")
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(privateKey);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value: token }));
}

server.on("request", (request, response) =>
  request.url.startsWith("/actions/token") ? workflowToken(request, response) : pages(request, response),
);
console.log(JSON.stringify({ issuer }));
