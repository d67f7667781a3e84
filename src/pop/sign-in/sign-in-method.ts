import type { WaysIn } from '../../core/policy/index.ts';
import type { CodeGrant } from '../../core/session/index.ts';
import type { Html } from '../pages/html.ts';
import type { PortalVisit } from '../portal-visit.ts';
import type { Problem } from '../problems.ts';
import type { AskedResource } from './ways.ts';

/**
 * One way of signing in at the portal. Each is a file in this folder and a line in `methods.ts`; the desk does what all
 * have in common: the form's token, the page around them, cookies and redirects.
 *
 * | request | goes to |
 * |---|---|
 * | GET /sign-in | `show` of every method |
 * | POST /sign-in/<name> | `take`, once the form has proved that this portal showed it to this browser |
 * | GET /sign-in/<name>[/...] | `open`, where the method has pages or callbacks of its own |
 */
export interface SignInMethod {
  /** Its place in paths and counters. */
  readonly name: string;
  /** Its part of the sign-in page, with a form to `formAction(name)` that holds `visit.hiddenInputs`; undefined: not offered here. */
  show(visit: SignInVisit): Html | undefined;
  /** Where the browser is led at once, without the page; undefined: nowhere. */
  lead?(visit: SignInVisit): string | undefined;
  take(visit: SignInVisit, form: ReadonlyMap<string, string>): Promise<SignInOutcome>;
  open?(visit: SignInVisit): Promise<SignInOutcome>;
}

export interface SignInVisit extends PortalVisit {
  /** Path and query of the portal to go on to. */
  readonly returnTo: string;
  /** Undefined where the browser came to the portal itself. */
  readonly asked: AskedResource | undefined;
  /** What would help to get in there. */
  readonly ways: WaysIn;
  /** The form cookie's value: binds what is begun here to this browser. */
  readonly browser: string;
  /** For every form: its token and where to go on to. */
  readonly hiddenInputs: Html;
  /** For keys of the browser: its token is in `hiddenInputs`, the nonce is what a key signs. */
  readonly challenge: { readonly token: string; readonly nonce: string };
  /** Whether this method's first input may take the focus. */
  readonly focus: boolean;
  /** After a form that was not right: whose it was, and what of it to fill in again. */
  readonly again: { readonly method: string; readonly keep: Readonly<Record<string, string>> } | undefined;
}

export type SignInOutcome =
  /** Control has begun a portal session. */
  | {
      readonly kind: 'signed-in';
      readonly token: string;
      readonly expiresUnixMs: number;
      readonly returnTo?: string;
      readonly setCookies?: readonly string[];
    }
  /** A guest or holder may have a session with the one resource that was asked for. */
  | { readonly kind: 'admitted'; readonly grant: CodeGrant; readonly setCookies?: readonly string[] }
  /** The sign-in page once more, saying what was wrong. */
  | {
      readonly kind: 'again';
      readonly problem: string;
      readonly status: number;
      readonly keep?: Readonly<Record<string, string>>;
      /** In place of the visit's own. */
      readonly returnTo?: string;
      readonly setCookies?: readonly string[];
    }
  /** A page of the method's own: the next step. */
  | {
      readonly kind: 'page';
      readonly html: string;
      readonly status: number;
      readonly setCookies?: readonly string[];
    }
  | { readonly kind: 'redirect'; readonly location: string; readonly setCookies?: readonly string[] }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly reason: string };

/** Where a method's form is sent. */
export function formAction(name: string): string {
  return `/sign-in/${name}`;
}
