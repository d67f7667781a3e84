import type { IpAddress } from '../base/index.ts';
import {
  type AddressPlace,
  type ClientCertificate,
  type DeviceHints,
  type NormalisedTarget,
  readDeviceHints,
} from '../core/policy/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import type { Traces } from '../core/tracing/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import type { AcceptedCertificate } from './client-authorities.ts';
import type { TrustedProxies } from './client-facts.ts';
import type { Coalesces } from './coalescing.ts';
import type { ConnectionFacts, RequestContext } from './request-context.ts';
import type { RequestCourse } from './request-course.ts';

/** What the door read of a request. */
export interface ReadRequest {
  readonly requestId: string;
  readonly nowUnixMs: number;
  readonly method: string;
  readonly host: string;
  readonly authority: string;
  readonly target: NormalisedTarget;
  readonly connection: ConnectionFacts;
  readonly request: HttpRequest;
  readonly course: RequestCourse;
}

/** Where addresses are; undefined where nobody knows. */
export interface Geography {
  placeOf(address: IpAddress): AddressPlace | undefined;
}

/** What is looked up of clients. */
export interface ClientSources {
  readonly geography: Geography;
  /** The certificate that the client proved to hold and that counts at a host, as of now. */
  readonly certificateAt: (host: string, request: HttpRequest) => AcceptedCertificate | undefined;
  readonly coalesces: Coalesces;
  /** Left out: whoever connects is the client. */
  readonly proxies?: TrustedProxies | undefined;
  readonly traces: Traces;
}

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
  readonly request: HttpRequest;
  readonly course: RequestCourse;
  readonly #sources: ClientSources;

  constructor(read: ReadRequest, sources: ClientSources) {
    this.#sources = sources;
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
    this.course = read.course;
  }

  get place(): AddressPlace | undefined {
    const { connection, clientAddress } = this;
    if (clientAddress) connection.place ??= this.#sources.geography.placeOf(clientAddress);
    return connection.place;
  }

  get device(): DeviceHints {
    const { connection } = this;
    const agent = this.header('user-agent');
    if (connection.device?.agent !== agent) connection.device = undefined;
    connection.device ??= { agent, hints: this.#readDevice(agent) };
    return connection.device.hints;
  }

  get certificate(): ClientCertificate | undefined {
    return this.clientCertificate?.forPolicy;
  }

  get clientCertificate(): AcceptedCertificate | undefined {
    return this.#sources.certificateAt(this.host, this.request);
  }

  header(name: string): string | undefined {
    return fieldValue(this.request.rawHeaders, name, ', ');
  }

  later(nowUnixMs: number): IncomingContext {
    return new IncomingContext({ ...this, nowUnixMs }, this.#sources);
  }

  #readDevice(userAgent: string | undefined): DeviceHints {
    const [platform, mobile] = [this.header('sec-ch-ua-platform'), this.header('sec-ch-ua-mobile')];
    return readDeviceHints({ userAgent, platform, mobile });
  }
}
