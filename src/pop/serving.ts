import type { Decision } from '../core/policy/index.ts';
import type { ResourceClaims } from '../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import type { SignedIn } from './authenticate.ts';
import type { Problem } from './problems.ts';
import type { PublishedResource } from './published-resource.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestTrack } from './request-log/request-track.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** Sees an answer's body pass, and once whether it came whole. */
export interface AnswerWatcher {
  take(chunk: Buffer): void;
  ended(isWhole: boolean): void;
}

/** What a resource's settings make of one request that goes to a target. */
export interface RequestRules {
  /** Path and query for the backend, normalised like every target. */
  readonly target: string;
  /** Ids of the targets that it may go to; undefined: any. */
  readonly targets: ReadonlySet<string> | undefined;
  /** How many bytes of body it may have; undefined: any. */
  readonly bodyBytes: number | undefined;
  /** How long a target has to begin its answer; undefined: as long as any. */
  readonly answerMs: number | undefined;
  /** Sees each part of the request's body; undefined: it comes anew from its beginning. Left out: nobody looks. */
  passes?(part: Uint8Array | undefined): void;
  /** The fields for the backend. */
  requestFields(fields: string[]): string[];
  /** The backend's fields for the client, without what Manis adds. */
  responseFields(fields: string[]): string[];
  /** Answers without any target, where that can be; else gives where the answer of a target goes. */
  answer(admitted: AdmittedRequest, response: HttpResponse): HttpResponse | undefined;
  /** A target began to answer, with these fields. Gives who sees the body pass, where somebody wants to. */
  answered(status: number, raw: readonly string[]): AnswerWatcher | undefined;
}

/** A request that was admitted, on its way to a target. */
export interface AdmittedRequest {
  readonly context: RequestContext;
  readonly view: SnapshotView;
  readonly resource: PublishedResource;
  readonly decision: Decision;
  readonly signedIn: SignedIn<ResourceClaims> | undefined;
  readonly request: HttpRequest;
  /** The Cookie field for the backend. */
  readonly cookie: string | undefined;
  /** Whether an Authorization value is a credential of Manis, which no backend gets. */
  readonly isOwnAuthorization: ((value: string) => boolean) | undefined;
  /** What the client's cookie says of the target that it had; anybody can write it. */
  readonly targetMark: string | undefined;
  /** Set-Cookie values of Manis for the client: a renewed session. */
  readonly setCookies: readonly string[];
  /** What the resource's settings make of it; undefined where there are none. */
  readonly rules: RequestRules | undefined;
  /** What is noted of it for the request log. */
  readonly track: RequestTrack;
  /** Whether it would be admitted now. */
  stillAdmitted(): boolean;
  /** The same for what lasts, which is not to hold on to the whole request for that. */
  lasting(): () => boolean;
}

/** How the body of a request and its head ask to be treated. */
export interface RequestShape {
  readonly hasBody: boolean;
  /** The request waits for `100 Continue`, or announces trailers: it needs a connection of its own. */
  readonly alone: boolean;
}

/** How the answer to an admitted request is given when no target gives one. */
export type FailureAnswer = (response: HttpResponse, problem: Problem, reason: string) => void;
