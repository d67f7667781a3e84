import type { IpAddress } from '../base/index.ts';
import {
  type AddressPlace,
  type ClientCertificate,
  type DeviceHints,
  mayAskForField,
  type NormalisedTarget,
  readDeviceHints,
} from '../core/policy/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import type { Traces } from '../core/tracing/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import type { AcceptedCertificate } from './client-authorities.ts';
import type { TrustedProxies } from './client-facts.ts';
import type { Coalesces } from './coalescing.ts';
import { type ConnectionFacts, type JudgedContext, nobodysFacts, type RequestContext } from './request-context.ts';
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
  readonly certificateAt: (host: string, request: Pick<HttpRequest, 'socket'>) => AcceptedCertificate | undefined;
  readonly coalesces: Coalesces;
  /** Left out: whoever connects is the client. */
  readonly proxies?: TrustedProxies | undefined;
  readonly traces: Traces;
}

/** What policies ask of a request. */
type Asked = Pick<ReadRequest, 'nowUnixMs' | 'method' | 'host' | 'target' | 'connection'> & {
  readonly request: Pick<HttpRequest, 'rawHeaders' | 'socket'>;
};

/** What policies may ask, without what else a request holds on to. What few of them ask for is worked out when one asks. */
class AskedContext implements JudgedContext {
  readonly nowUnixMs: number;
  readonly method: string;
  readonly host: string;
  readonly target: NormalisedTarget;
  readonly connection: ConnectionFacts;
  readonly request: Asked['request'];
  readonly #sources: ClientSources;

  constructor(asked: Asked, sources: ClientSources) {
    this.#sources = sources;
    this.nowUnixMs = asked.nowUnixMs;
    this.method = asked.method;
    this.host = asked.host;
    this.target = asked.target;
    this.connection = asked.connection;
    this.request = asked.request;
  }

  get clientAddress(): IpAddress | undefined {
    return this.connection.address;
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

  later(nowUnixMs: number): JudgedContext {
    return new AskedContext({ ...this, nowUnixMs }, this.#sources);
  }

  kept(): JudgedContext {
    const { rawHeaders, socket } = this.request;
    return new AskedContext({ ...this, request: { rawHeaders: askedOf(rawHeaders), socket } }, this.#sources);
  }

  #readDevice(userAgent: string | undefined): DeviceHints {
    const [platform, mobile] = [this.header('sec-ch-ua-platform'), this.header('sec-ch-ua-mobile')];
    return readDeviceHints({ userAgent, platform, mobile });
  }
}

/** The fields that policies may ask for. */
function askedOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_text, at) => mayAskForField((rawHeaders[at - (at % 2)] as string).toLowerCase()));
}

/** A request's context. */
export class IncomingContext extends AskedContext implements RequestContext {
  readonly #sources: ClientSources;
  readonly requestId: string;
  readonly authority: string;
  declare readonly request: HttpRequest;
  readonly course: RequestCourse;

  constructor(read: ReadRequest, sources: ClientSources) {
    super(read, sources);
    this.#sources = sources;
    this.requestId = read.requestId;
    this.authority = read.authority;
    this.course = read.course;
  }

  get clientAddressText(): string {
    return this.connection.addressText;
  }

  ofNobody(request: HttpRequest, course: RequestCourse): RequestContext {
    const connection = nobodysFacts(this.connection);
    const requestId = `${this.requestId}-renewal`;
    const { nowUnixMs, host, authority, target } = this;
    const read = { requestId, nowUnixMs, method: 'GET', host, authority, target, connection, request, course };
    return new IncomingContext(read, { ...this.#sources, certificateAt: () => undefined });
  }
}
