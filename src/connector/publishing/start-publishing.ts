/** Where a connector finds what it publishes by itself: labels of containers, and a file. */
import { type Json, resourcesOfContainers } from '../../core/blueprint/index.ts';
import { ContainerWatch } from '../../io/docker/container-watch.ts';
import { readSmallText } from '../../io/files.ts';
import { readYaml } from '../../io/yaml-document.ts';
import { BLUEPRINT_FILE_BYTES_MAX, BLUEPRINT_FILE_LOOK_MS } from '../constants.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';

export interface PublishingPlaces {
  /** Socket of a container engine. */
  readonly dockerSocket?: string | undefined;
  /** A blueprint of resources. */
  readonly file?: string | undefined;
}

export interface Publishing {
  grantChanged(): void;
  close(): void;
}

/** Undefined where there is nothing to publish. */
export function startPublishing(places: PublishingPlaces, options: PublisherOptions): Publishing | undefined {
  const { dockerSocket, file } = places;
  if (dockerSocket === undefined && file === undefined) return undefined;
  const publisher = new Publisher(options);
  const containers = dockerSocket === undefined ? undefined : watchContainers(dockerSocket, publisher, options);
  const stopFile = file === undefined ? undefined : watchFile(file, publisher, options);
  return {
    grantChanged: () => publisher.grantChanged(),
    close: () => {
      containers?.stop();
      stopFile?.();
      publisher.close();
    },
  };
}

function watchContainers(socketPath: string, publisher: Publisher, { log }: PublisherOptions): ContainerWatch {
  const watch = new ContainerWatch({
    socketPath,
    log,
    changed: (containers) => {
      const { resources, problems } = resourcesOfContainers(containers, parsedLabel);
      publisher.say('docker', JSON.stringify({ manis: 1, resources }), problems);
    },
  });
  watch.start();
  return watch;
}

function parsedLabel(text: string): Json | undefined {
  const read = readYaml(text);
  return read.ok ? (read.json as Json) : undefined;
}

/** Looked at now and then: that works on every file system, and through every way of replacing a file. */
function watchFile(path: string, publisher: Publisher, { log }: PublisherOptions): () => void {
  let [isMissing, isLooking] = [false, false];
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const text = await readSmallText(path, BLUEPRINT_FILE_BYTES_MAX).catch(() => undefined);
    if (text !== undefined) publisher.say('file', text, []);
    else if (!isMissing) log.warn('the blueprint cannot be read; what was published stays', { path });
    isMissing = text === undefined;
    isLooking = false;
  };
  void look();
  const timer = setInterval(() => void look(), BLUEPRINT_FILE_LOOK_MS);
  return () => clearInterval(timer);
}
