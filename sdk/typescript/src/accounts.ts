// People and their accounts, from the side of a browser's session. Each method is one route; all throw `Problem`, `TimedOut` or
// `Unreachable`.

import type { Connection, Options } from "./connection.ts";
import type {
  ChangePerson, GoTo, Invitation, LoggedOut, NewPerson, Page, Passkey, PasskeyOptions, Person, RecoveryCodes, Session,
} from "./types.ts";

/** Accounts of people. Made and changed by admins. */
export class People {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists everybody with an account. */
  list(options: Options = {}): Promise<Page<Person>> {
    return this.#connection.send(options, (init) => this.#connection.api.GET("/v1/people", init));
  }

  /** Makes an account; the person logs in with an invitation first. */
  make(body: NewPerson, options: Options = {}): Promise<Person> {
    return this.#connection.send(options, (init) => this.#connection.api.POST("/v1/people", { body, ...init }));
  }

  /** Changes roles, groups, or whether an account can be used. What is not given stays. */
  change(name: string, body: ChangePerson, options: Options = {}): Promise<Person> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/people/{name}", { params: { path: { name } }, body, ...init }),
    );
  }

  /** Makes a link that logs somebody in once. It takes the place of an earlier one. */
  invite(name: string, options: Options = {}): Promise<Invitation> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/people/{name}/invite", { params: { path: { name } }, body: {}, ...init }),
    );
  }
}

/** One's own account, in a browser that is logged in. Changes are refused once the login is some minutes old. */
export class Account {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The present session. @throws {Problem} 401 without one. */
  session(options: Options = {}): Promise<Session> {
    return this.#connection.send(options, (init) => this.#connection.api.GET("/v1/session", init));
  }

  /** Ends the present session. */
  logOut(options: Options = {}): Promise<LoggedOut> {
    return this.#connection.send(options, (init) => this.#connection.api.DELETE("/v1/session", init));
  }

  /** What the browser is to be asked for a new passkey, which will be called `name` (1 to 64 characters). */
  beginPasskey(name: string, options: Options = {}): Promise<PasskeyOptions> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/account/passkeys/begin", { body: { name }, ...init }),
    );
  }

  /** Adds the passkey that the browser made. `credential` is what its `toJSON()` says. */
  finishPasskey(credential: Record<string, unknown>, options: Options = {}): Promise<Passkey> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/account/passkeys/finish", { body: { credential }, ...init }),
    );
  }

  /** Takes a passkey away. */
  removePasskey(id: string, options: Options = {}): Promise<Passkey> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.DELETE("/v1/account/passkeys/{id}", { params: { path: { id } }, ...init }),
    );
  }

  /** Makes new recovery codes in place of the earlier ones. They are told only here. */
  makeRecoveryCodes(options: Options = {}): Promise<RecoveryCodes> {
    return this.#connection.send(options, (init) => this.#connection.api.POST("/v1/account/recovery-codes", init));
  }

  /** Where the browser goes to link the account with somebody at an issuer. */
  linkIdentity(issuer: string, options: Options = {}): Promise<GoTo> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/account/identities", { body: { issuer }, ...init }),
    );
  }
}
