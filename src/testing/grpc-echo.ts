/** A gRPC service of all four kinds of calls over plain bytes, by @grpc/grpc-js, for tests. */
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  Metadata,
  type MethodDefinition,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const bytes = (value: Buffer): Buffer => value;
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `/manis.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

export const ECHO = {
  unary: method('Unary', false, false),
  collect: method('Collect', true, false),
  repeat: method('Repeat', false, true),
  chat: method('Chat', true, true),
};

/** What a server saw of calls. */
export interface SeenCalls {
  /** Metadata of each call, in order. */
  readonly metadata: Metadata[];
  /** Calls that their caller gave up. */
  cancelled: number;
}

export interface EchoServer {
  readonly port: number;
  readonly seen: SeenCalls;
  readonly server: Server;
  close(): void;
}

/**
 * `unary` and `chat` give back what they get; `unary` fails with status 5 for `fail` and never answers `silence`. `collect`
 * joins what it gets. `repeat` gives what it got three times, or for ever for `endless`.
 */
export async function startEcho(
  credentials = ServerCredentials.createInsecure(),
  to = '127.0.0.1:0',
): Promise<EchoServer> {
  const seen: SeenCalls = { metadata: [], cancelled: 0 };
  const note = (call: { metadata: Metadata; on(event: 'cancelled', listener: () => void): unknown }): void => {
    seen.metadata.push(call.metadata);
    call.on('cancelled', () => seen.cancelled++);
  };
  const trailers = new Metadata();
  trailers.set('x-trailer', 'told at the end');
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(ECHO, {
    unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      note(call);
      const text = call.request.length < 100 ? call.request.toString() : '';
      if (text === 'fail') done({ code: status.NOT_FOUND, details: 'there is no such thing: 50%', metadata: trailers });
      else if (text !== 'silence') done(null, call.request, trailers);
    },
    collect(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      note(call);
      const parts: Buffer[] = [];
      call.on('data', (part: Buffer) => parts.push(part));
      call.on('end', () => done(null, Buffer.concat(parts)));
    },
    repeat(call: ServerWritableStream<Buffer, Buffer>) {
      note(call);
      const isEndless = call.request.toString() === 'endless';
      call.write(call.request);
      if (isEndless) return;
      call.write(call.request);
      call.write(call.request);
      call.end(trailers);
    },
    chat(call: ServerDuplexStream<Buffer, Buffer>) {
      note(call);
      call.on('data', (part: Buffer) => call.write(part));
      call.on('end', () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(to, credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, seen, server, close: () => server.forceShutdown() };
}

/** A client of the service. */
export function echoClient(address: string, credentials: ChannelCredentials, options: ChannelOptions = {}): Client {
  const Constructor = makeGenericClientConstructor(ECHO, 'Echo');
  return new Constructor(address, credentials, {
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
}
