// Passkeys: what the server asks of the browser, and the browser's answer, as JSON (WebAuthn level 3, 5.1 and 5.4: binary
// values travel as base64url). The private key never leaves the device; nothing here is secret.

import { send } from "./session.ts";

/** Whether this browser and address can use passkeys. */
export function arePossible(): boolean {
  return window.isSecureContext && "credentials" in navigator && "PublicKeyCredential" in window;
}

/** Logs in by passkey; the browser offers those it knows for this address. */
export async function logIn(): Promise<void> {
  const publicKey = requestOptions(optionsOf(await send("POST", "/v1/session/passkey/begin", {})));
  const found = await navigator.credentials.get({ publicKey });
  if (!(found instanceof PublicKeyCredential)) throw new Error("the browser gave no passkey");
  await send("POST", "/v1/session/passkey/finish", { credential: asserted(found) });
}

/** Makes a passkey for whoever is logged in. */
export async function add(name: string): Promise<void> {
  const publicKey = creationOptions(optionsOf(await send("POST", "/v1/account/passkeys/begin", { name })));
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) throw new Error("the browser made no passkey");
  await send("POST", "/v1/account/passkeys/finish", { credential: attested(made) });
}

type Json = Record<string, unknown>;

function optionsOf(asked: unknown): Json {
  const publicKey = isJson(asked) ? asked["publicKey"] : undefined;
  if (!isJson(publicKey)) throw new TypeError("no `publicKey` in what the server asks");
  return publicKey;
}

function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
  const allowed = json["allowCredentials"];
  return {
    ...json,
    challenge: bytes(json["challenge"]),
    ...(Array.isArray(allowed) ? { allowCredentials: allowed.filter(isJson).map(descriptor) } : {}),
  } as PublicKeyCredentialRequestOptions;
}

function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
  const excluded = json["excludeCredentials"];
  const user = isJson(json["user"]) ? json["user"] : {};
  return {
    ...json,
    challenge: bytes(json["challenge"]),
    user: { ...user, id: bytes(user["id"]) },
    ...(Array.isArray(excluded) ? { excludeCredentials: excluded.filter(isJson).map(descriptor) } : {}),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function descriptor(json: Json): PublicKeyCredentialDescriptor {
  return { ...json, id: bytes(json["id"]) } as unknown as PublicKeyCredentialDescriptor;
}

function asserted(found: PublicKeyCredential): Json {
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    ...common(found),
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle === null ? null : text(response.userHandle),
    },
  };
}

function attested(made: PublicKeyCredential): Json {
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...common(made),
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports(),
    },
  };
}

function common(credential: PublicKeyCredential): Json {
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    extensions: credential.getClientExtensionResults(),
  };
}

/** Bytes of base64url. */
export function bytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]*=*$/.test(value)) throw new TypeError("expected base64url");
  const plain = atob(value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** Base64url of bytes, without padding. */
export function text(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
