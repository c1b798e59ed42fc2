// A real OpenID Connect provider with invented people: node server.mjs <people.json> <address of the application>
// Prints its own address when it listens. The file of people is read at every question, so that a test may change it.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [file, application] = process.argv.slice(2);
const people = () => JSON.parse(readFileSync(file, "utf8"));
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

function configuration() {
  return {
    clients: [{
      client_id: "kunskapsflode",
      client_secret: "a secret of tests alone",
      redirect_uris: [`${application}/logga-in/svar`],
      post_logout_redirect_uris: [`${application}/logga-in`],
    }],
    claims: { openid: ["sub"], profile: ["name"], email: ["email"], groups: ["groups"] },
    cookies: { keys: ["of tests alone"] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { logoutSource: askToLeave } },
    findAccount: (_, id) => {
      const found = Object.values(people()).find((each) => each.claims.sub === id);
      return found && { accountId: id, claims: () => found.claims };
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: "first" }] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 300, IdToken: 300, AuthorizationCode: 60 },
  };
}

const page = (title, form) => `<!doctype html><html lang="sv"><meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1><form method="post">${form}<button name="cancel" value="1" formnovalidate>Avbryt</button></form></html>`;
const PAGES = {
  login: page("Regionens inloggning", `<label>Användare <input name="username" required></label>
    <label>Lösenord <input name="password" type="password" required></label><button>Logga in hos regionen</button>`),
  consent: page("Lämna ut uppgifter", "<p>Kunskapsflöde får ditt namn, din adress och dina grupper.</p><button>Godkänn</button>"),
};

function askToLeave(context, form) {
  context.body = `<!doctype html><html lang="sv"><meta charset="utf-8"><title>Logga ut hos regionen</title>${form}
    <button form="op.logoutForm" name="logout" value="yes">Logga ut hos regionen</button></html>`;
}

async function read(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

async function agreed(provider, details) {
  const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  return { consent: { grantId: await grant.save() } };
}

async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  const show = () => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGES[details.prompt.name]);
  if (request.method === "GET") return show();
  const sent = await read(request);
  if (sent.has("cancel")) return provider.interactionFinished(request, response, { error: "access_denied" });
  if (details.prompt.name === "consent") {
    return provider.interactionFinished(request, response, await agreed(provider, details), { mergeWithLastSubmission: true });
  }
  const found = people()[sent.get("username")];
  if (!found || found.password !== sent.get("password")) return show();
  return provider.interactionFinished(request, response, { login: { accountId: found.claims.sub } });
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    return interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  console.log(issuer);
});
