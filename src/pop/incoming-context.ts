import type { IncomingMessage } from 'node:http';
import type { IpAddress } from '../base/index.ts';
import type { AddressPlace, ClientCertificate, DeviceHints, NormalisedTarget } from '../core/policy/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import type { ConnectionFacts, RequestContext } from './request-context.ts';

/** What the door read of a request. */
export interface ReadRequest {
  readonly requestId: string;
  readonly nowUnixMs: number;
  readonly method: string;
  readonly host: string;
  readonly authority: string;
  readonly target: NormalisedTarget;
  readonly connection: ConnectionFacts;
  readonly request: IncomingMessage;
}

const NO_HINTS: DeviceHints = {};

/** A request's context. What few policies ask for is worked out when one asks. */
export class IncomingContext implements RequestContext {
  readonly requestId: string;
  readonly nowUnixMs: number;
  readonly method: string;
  readonly host: string;
  readonly authority: string;
  readonly target: NormalisedTarget;
  readonly clientAddress: IpAddress | undefined;
  readonly clientAddressText: string;
  readonly connection: ConnectionFacts;
  readonly request: IncomingMessage;

  constructor(read: ReadRequest) {
    this.requestId = read.requestId;
    this.nowUnixMs = read.nowUnixMs;
    this.method = read.method;
    this.host = read.host;
    this.authority = read.authority;
    this.target = read.target;
    this.clientAddress = read.connection.address;
    this.clientAddressText = read.connection.addressText;
    this.connection = read.connection;
    this.request = read.request;
  }

  get place(): AddressPlace | undefined {
    return undefined;
  }

  get device(): DeviceHints {
    return NO_HINTS;
  }

  get certificate(): ClientCertificate | undefined {
    return undefined;
  }

  header(name: string): string | undefined {
    return fieldValue(this.request.rawHeaders, name, ', ');
  }
}
