#!/bin/bash
# Makes an Amazon Linux 2023 instance a worker: Blender, render-worker, and systemd to keep it running.
#
# Fetched and run as root by the launch template's user data, which sets ARTIFACTS (s3://bucket),
# CODE_PREFIX, BLENDER_KEY, BLENDER_SHA256 and AWS_DEFAULT_REGION, and has written
# /etc/spotrender/worker.env. Anything that fails ends the instance: Auto Scaling shows it and tries
# again, and nothing that cannot render stays on the bill. The console output says why.
set -euo pipefail

give_up() {
    echo "spotrender: line $1 failed, this instance shuts down" >&2
    shutdown -h +1 "spotrender could not be installed"
}
trap 'give_up $LINENO' ERR

if [ -z "$BLENDER_SHA256" ]; then
    echo "spotrender: the stack has no BlenderSha256: upload a Blender release and deploy with it" >&2
    false
fi

# What a Blender release links to and the image lacks.
dnf install -y -q xz tar libX11 libXi libXxf86vm libXfixes libXrender libxkbcommon libSM libICE mesa-libGL mesa-libEGL

aws s3 cp --only-show-errors "$ARTIFACTS/$BLENDER_KEY" /root/blender.tar.xz
echo "$BLENDER_SHA256  /root/blender.tar.xz" | sha256sum --check --quiet
mkdir -p /opt/blender
tar --extract --xz --file /root/blender.tar.xz --directory /opt/blender --strip-components 1 --no-same-owner
rm /root/blender.tar.xz
/opt/blender/blender --version

aws s3 cp --only-show-errors "$ARTIFACTS/${CODE_PREFIX}render-worker" /usr/local/bin/render-worker
chmod 755 /usr/local/bin/render-worker
id spotrender >/dev/null 2>&1 || useradd --system --home-dir /var/lib/spotrender --shell /sbin/nologin spotrender
install -d -o spotrender -g spotrender -m 700 /var/lib/spotrender

cat > /etc/systemd/system/render-worker.service <<'UNIT'
[Unit]
Description=Spotrender worker
After=network-online.target
Wants=network-online.target

[Service]
User=spotrender
EnvironmentFile=/etc/spotrender/worker.env
ExecStart=/usr/local/bin/render-worker
Restart=on-failure
RestartSec=5
# SIGTERM drains: the frame in work is handed back well within this.
TimeoutStopSec=110
KillMode=mixed
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/var/lib/spotrender
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now render-worker
