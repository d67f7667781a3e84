/** The commands that connect a node; each is one paste. The token works once, so it may stay in a history. */
const IMAGE = 'ghcr.io/manis/manis';

export function npxJoin(role: 'connector' | 'pop', token: string): string {
  return `npx manis ${role} join ${token}`;
}

export function dockerJoin(role: 'connector' | 'pop', token: string): string {
  const ports = role === 'pop' ? ' \\\n  -p 443:443 -p 80:80 -p 51820:51820/udp' : '';
  return `docker run -d --name manis-${role} --restart unless-stopped${ports} \\
  -v manis-${role}:/var/lib/manis ${IMAGE} \\
  ${role} join ${token} --data-dir /var/lib/manis`;
}

export function systemdJoin(role: 'connector' | 'pop', token: string): string {
  const name = `manis-${role}`;
  const ports = role === 'pop' ? 'AmbientCapabilities=CAP_NET_BIND_SERVICE\n' : '';
  return `sudo npm install --global manis
sudo tee /etc/systemd/system/${name}.service >/dev/null <<'END'
[Unit]
Description=Manis ${role}
After=network-online.target
Wants=network-online.target

[Service]
DynamicUser=yes
StateDirectory=${name}
${ports}ExecStart=/usr/bin/env manis ${role} join ${token} --data-dir /var/lib/${name}
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
END
sudo systemctl enable --now ${name}`;
}
