/** The commands that connect a node; each is one paste. The token works once, so it may stay in a history. */
const IMAGE = 'manis';

/** With the Manis that is on that machine: the registry's package of this name is somebody else's, and would get the token. */
export function npxJoin(role: 'connector' | 'pop', token: string): string {
  return `npx --no -- manis ${role} join ${token}`;
}

/** In the network of the machine: a connector reaches what the machine reaches, a PoP is reached where it is. */
export function dockerJoin(role: 'connector' | 'pop', token: string): string {
  return `docker run -d --name manis-${role} --restart unless-stopped --network host \\
  -v manis-${role}:/data ${IMAGE} ${role} join ${token} --data-dir /data`;
}

/** The token is in a file of root's: units and command lines are read by everybody on the machine. */
export function systemdJoin(role: 'connector' | 'pop', token: string): string {
  const name = `manis-${role}`;
  const ports = role === 'pop' ? 'AmbientCapabilities=CAP_NET_BIND_SERVICE\n' : '';
  return `printf '%s\\n' ${token} | sudo install -m 0600 /dev/stdin /etc/${name}.token
sudo tee /etc/systemd/system/${name}.service >/dev/null <<'END'
[Unit]
Description=Manis ${role}
After=network-online.target
Wants=network-online.target

[Service]
DynamicUser=yes
StateDirectory=${name}
StateDirectoryMode=0700
UMask=0077
${ports}LoadCredential=token:/etc/${name}.token
ExecStart=/usr/bin/env manis ${role} join %d/token --data-dir /var/lib/${name}
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
END
sudo systemctl enable --now ${name}`;
}
