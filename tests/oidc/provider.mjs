// A certified OpenID provider for the tests, which tell it by `/control` to misbehave.
//
// It signs everybody in at once: who the person is, is in the cookie `who`. Prints its address when it listens.

import http from 'node:http';
import * as jose from 'jose';
import { Provider } from 'oidc-provider';

const [clientId, clientSecret] = ['assay', 'a-secret-of-the-test'];
let skew = 0;
const realNow = Date.now;
Date.now = () => realNow() + skew * 1000;

const newKey = async () => {
  const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
  const jwk = await jose.exportJWK(privateKey);
  return { ...jwk, alg: 'RS256', use: 'sig', kid: await jose.calculateJwkThumbprint(jwk) };
};

let issuer;
let key;
let handle;

const start = async () => {
  key = await newKey();
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: (process.env.REDIRECT_URIS ?? '').split(' ').filter(Boolean),
    }],
    jwks: { keys: [key] },
    claims: { openid: ['sub', 'email', 'email_verified', 'name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['only-for-tests'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: !id.startsWith('unverified'), name: `Person ${id}` }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  handle = async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    const who = /(?:^|; )who=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'somebody';
    return provider.interactionFinished(request, response, { login: { accountId: who } });
  };
};

// An ID token with whatever claims, header and key the test asks for.
const mint = async (wish) => {
  const now = Math.floor(realNow() / 1000);
  const claims = { iss: issuer, aud: clientId, sub: 'minted', iat: now, exp: now + 300, ...wish.claims };
  const signer = wish.strange ? await newKey() : key;
  return new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: wish.strange ? key.kid : signer.kid, ...wish.header })
    .sign(await jose.importJWK(signer, 'RS256'));
};

const control = async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const wish = JSON.parse(body || '{}');
  let answer = {};
  if (wish.do === 'rotate') await start();
  if (wish.do === 'skew') skew = wish.seconds;
  if (wish.do === 'mint') answer = { id_token: await mint(wish) };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
};

const server = http.createServer((request, response) => {
  const answer = request.url === '/control' ? control : handle;
  answer(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  await start();
  console.log(`listening on ${issuer}`);
});
