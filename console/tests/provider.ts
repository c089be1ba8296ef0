// An OpenID provider for tests, with one client and one person: discovery, authorization codes that hold once and are bound
// by PKCE, tokens signed with a key of its own. It keeps to the specification, or lies in one claim where a test asks it to.

import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export const CLIENT = "checkrein";
export const SECRET = "secret-of-the-client";

export class Provider {
  base = "";
  /** What is said of whoever logs in. */
  person: Record<string, unknown> = { sub: "u-1", preferred_username: "eve", groups: ["eng-leads"] };
  /** Claims in place of right ones. */
  lies: Record<string, unknown> = {};
  readonly #server: Server;
  readonly #key: KeyObject;
  readonly #jwk: Record<string, unknown>;
  readonly #codes = new Map<string, URLSearchParams>();

  private constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    this.#jwk = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "ES256", use: "sig" };
    this.#server = createServer((request, response) => void this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error))));
  }

  static async start(): Promise<Provider> {
    const provider = new Provider();
    await new Promise<void>((listens) => provider.#server.listen(0, "127.0.0.1", listens));
    const address = provider.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    provider.base = `http://127.0.0.1:${address.port}`;
    return provider;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((ended) => this.#server.close(ended));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.base);
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return json(response, {
          issuer: this.base, authorization_endpoint: `${this.base}/authorize`, token_endpoint: `${this.base}/token`,
          jwks_uri: `${this.base}/jwks`, authorization_response_iss_parameter_supported: true,
        });
      case "/jwks":
        return json(response, { keys: [this.#jwk] });
      case "/authorize":
        return this.#authorize(url.searchParams, response);
      case "/token":
        return this.#token(request, new URLSearchParams(await body(request)), response);
      default:
        response.writeHead(404).end();
    }
  }

  #authorize(asked: URLSearchParams, response: ServerResponse): void {
    const is = (name: string, value: string): boolean => asked.get(name) === value;
    if (!is("response_type", "code") || !is("client_id", CLIENT) || !is("code_challenge_method", "S256")) return void response.writeHead(400).end();
    const code = randomUUID();
    this.#codes.set(code, asked);
    const back = new URL(asked.get("redirect_uri") ?? "");
    back.search = new URLSearchParams({ code, state: asked.get("state") ?? "", iss: this.base }).toString();
    response.writeHead(303, { location: back.href }).end();
  }

  #token(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    const code = form.get("code") ?? "";
    const asked = this.#codes.get(code);
    this.#codes.delete(code);
    const isClient = request.headers.authorization === `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString("base64")}`;
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isBound = asked?.get("code_challenge") === challenge && asked.get("redirect_uri") === form.get("redirect_uri");
    if (asked === undefined || !isClient || !isBound) return json(response, { error: "invalid_grant" }, 400);
    const now = Math.floor(Date.now() / 1_000);
    const claims = { ...this.person, iss: this.base, aud: CLIENT, exp: now + 300, iat: now, auth_time: now, nonce: asked.get("nonce"), ...this.lies };
    json(response, { access_token: randomUUID(), token_type: "Bearer", id_token: this.#signed(claims) });
  }

  #signed(claims: object): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "ES256", kid: "one", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), { key: this.#key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
