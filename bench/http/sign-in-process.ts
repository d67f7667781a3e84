/** Signs in from inside a host of the lab. */
import { answerCalls } from '../../test/lab/calls.ts';
import { type SignInOptions, signIn } from '../sign-in.ts';

answerCalls({ signIn: (options: SignInOptions) => signIn(options) });
