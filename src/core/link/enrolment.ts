/**
 * Enrolment over HTTPS with a one-time token: `POST /enrol/v1/pop` and `POST /enrol/v1/connector`, on control or
 * through any PoP's portal host. The node makes its keys; control pins them and refuses the token the second time.
 */
import type { PopLocation, SignedDocument } from './records.ts';

export interface PopEnrolmentRequest {
  readonly token: string;
  readonly wireguardKey: string;
  readonly signingKey: string;
  readonly udpEndpoints: readonly string[];
  readonly httpsEndpoints: readonly string[];
}

export interface PopEnrolmentResponse {
  readonly popId: string;
  readonly name: string;
  readonly location: PopLocation;
  /** The installation's root key, Ed25519, base64url: pinned from here on. */
  readonly rootKey: string;
  /** `wss://host:port/link/v1/pop`, one per control node. */
  readonly linkUrls: readonly string[];
}

export interface ConnectorEnrolmentRequest {
  readonly token: string;
  readonly wireguardKey: string;
  readonly name: string;
}

export interface ConnectorEnrolmentResponse {
  readonly connectorId: string;
  readonly siteId: string;
  readonly rootKey: string;
  readonly grant: SignedDocument;
}

/** Failure codes of enrolment (`code` of the problem document). */
export type EnrolmentProblem =
  | 'enrolment-token-unknown'
  | 'enrolment-token-used'
  | 'enrolment-token-expired'
  | 'enrolment-key-invalid'
  | 'enrolment-key-taken'
  /** There is no PoP yet that the connector could go to. */
  | 'enrolment-no-pop';
