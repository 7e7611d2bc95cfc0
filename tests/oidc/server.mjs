// A real OpenID provider (oidc-provider) for tests. It prints its address and obeys on standard
// input: "rotate" signs with a new key and withdraws the old one.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const AUDIENCE = 'https://outcomes.example';
const callback = process.argv[2];
let turn = 0;

function key() {
  turn += 1;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `real-${turn}`, use: 'sig', alg: 'RS256' };
}

function provider(issuer) {
  return new Provider(issuer, {
    jwks: { keys: [key()] },
    clients: [
      ...['case-system', 'old-system'].map((client_id) => ({
        client_id,
        client_secret: 'a secret of the test only',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      {
        client_id: 'ledger',
        client_secret: 'another/secret of+the test',
        grant_types: ['authorization_code'],
        redirect_uris: [callback],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test only'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { ClientCredentials: 600, AccessToken: 600, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: 'outcomes',
          accessTokenFormat: 'jwt',
          accessTokenTTL: audience === AUDIENCE ? 600 : 60,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
}

const server = createServer((request, response) => handle(request, response));
let handle;
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handle = provider(issuer).callback();
  process.stdout.write(`${issuer}\n`);
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'rotate') {
      handle = provider(issuer).callback();
      process.stdout.write('rotated\n');
    }
  }).on('close', () => process.exit(0));
});
