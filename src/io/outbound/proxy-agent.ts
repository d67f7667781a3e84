import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyFailure } from './proxy-failure.ts';

/** Reaches servers through a proxy (CONNECT, RFC 9110 section 9.3.6), and says what the proxy answered where it refuses. */
export class ProxyAgent extends HttpsProxyAgent<string> {
  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    let answer: { readonly statusCode: number; readonly statusText: string } | undefined;
    request.once('proxyConnect', (given) => {
      answer = given;
    });
    let socket: Socket;
    try {
      socket = await super.connect(request, options);
    } catch (error) {
      const why = (error as Error).message;
      throw new ProxyFailure(
        'proxy-unreachable',
        `the proxy ${this.proxy.host} gives no way: ${why}`,
        undefined,
        error,
      );
    }
    if (!answer || answer.statusCode === 200) return socket;
    socket.destroy();
    throw this.#refusal(answer.statusCode, answer.statusText, `${options.host}:${options.port}`);
  }

  #refusal(status: number, text: string, to: string): ProxyFailure {
    const { host, protocol, username } = this.proxy;
    const said = `the proxy ${host} answered ${`${status} ${text}`.trim()}`;
    if (status !== 407) return new ProxyFailure('proxy-refused', `${said} when asked for ${to}`, status);
    const how = username ? 'it does not take the user name and password' : `use ${protocol}//USER:PASSWORD@${host}`;
    return new ProxyFailure('proxy-authentication', `${said}: ${how}`, status);
  }
}
