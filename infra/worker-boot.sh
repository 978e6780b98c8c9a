#!/bin/bash
# Makes an Amazon Linux 2023 instance a worker: Blenders, render-worker, and systemd to keep it running.
#
# Comes in one tarball with render-worker, and is run as root by the launch template's user data, which
# sets ARTIFACTS (s3://bucket), BLENDERS (keys blender/SHA-256/blender-VERSION-….tar.xz), LOG_GROUP and
# AWS_DEFAULT_REGION, and has written /etc/spotrender/worker.env. Anything that fails ends the instance:
# Auto Scaling shows it and tries again, and nothing that cannot render stays on the bill. The console
# output says why.
set -euo pipefail

give_up() {
    echo "spotrender: line $1 failed, this instance shuts down" >&2
    shutdown -h +1 "spotrender could not be installed"
}
trap 'give_up $LINENO' ERR

if [ -z "$BLENDERS" ]; then
    echo "spotrender: the stack has no Blender: deploy with a release of it (make deploy BLENDER=…)" >&2
    false
fi

# What a Blender release links to and the image lacks.
dnf install -y -q xz tar libX11 libXi libXxf86vm libXfixes libXrender libxkbcommon libSM libICE mesa-libGL mesa-libEGL \
    amazon-cloudwatch-agent
# Without these Cycles renders all the same: what EEVEE and Workbench draw with, and Blender's sandbox, of which
# SPOTRENDER_SANDBOX says whether a worker without it renders.
for packages in "mesa-dri-drivers xorg-x11-server-Xvfb" bubblewrap; do
    # shellcheck disable=SC2086 # several names
    dnf install -y -q $packages || echo "spotrender: can't install $packages" >&2
done

install_blender() { # KEY
    local sha256 name version
    IFS=/ read -r _ sha256 name <<<"$1"
    version=${name#blender-}
    version=${version%%-*}
    aws s3 cp --only-show-errors "$ARTIFACTS/$1" "/root/$name"
    echo "$sha256  /root/$name" | sha256sum --check --quiet
    mkdir -p "/opt/blender/$version" # where render-worker looks
    tar --extract --xz --file "/root/$name" --directory "/opt/blender/$version" --strip-components 1 --no-same-owner
    rm "/root/$name"
    "/opt/blender/$version/blender" --version
}
# All at once: unpacking keeps one processor busy, so several take as long as one. All before the worker
# starts, since a worker that lacked one for another minute would refuse the scenes that want it.
installing=()
for key in $BLENDERS; do
    install_blender "$key" &
    installing+=($!)
done
for process in "${installing[@]}"; do wait "$process"; done

install -m 755 "$(dirname "$0")/render-worker" /usr/local/bin/render-worker
id spotrender >/dev/null 2>&1 || useradd --system --home-dir /var/lib/spotrender --shell /sbin/nologin spotrender
install -d -o spotrender -g spotrender -m 700 /var/lib/spotrender
install -d -m 755 /var/log/spotrender

# The agent follows the file; the log group is the stack's, each instance has a stream.
cat > /etc/spotrender/logs.json <<AGENT
{
  "logs": {"logs_collected": {"files": {"collect_list": [{
    "file_path": "/var/log/spotrender/render-worker.log",
    "log_group_name": "$LOG_GROUP",
    "log_stream_name": "{instance_id}"
  }]}}}
}
AGENT
cat > /etc/logrotate.d/spotrender <<'ROTATE'
/var/log/spotrender/*.log {
    size 50M
    rotate 1
    copytruncate
    missingok
}
ROTATE

cat > /etc/systemd/system/render-worker.service <<'UNIT'
[Unit]
Description=Spotrender worker
After=network-online.target
Wants=network-online.target
# A worker that can't stay up does not stay on the bill.
StartLimitIntervalSec=600
StartLimitBurst=5
StartLimitAction=poweroff

[Service]
User=spotrender
EnvironmentFile=/etc/spotrender/worker.env
ExecStart=/usr/local/bin/render-worker
Restart=on-failure
RestartSec=5
StandardOutput=append:/var/log/spotrender/render-worker.log
StandardError=inherit
# When memory runs out, Blender goes and not the worker, which reports it.
OOMPolicy=continue
LimitNOFILE=65536
TasksMax=4096
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
# A worker that leaves after a notice takes its machine with it.
if grep -q '^SPOTRENDER_LEAVE_AFTER_NOTICE=true$' /etc/spotrender/worker.env; then
    mkdir -p /etc/systemd/system/render-worker.service.d
    printf '[Unit]\nSuccessAction=poweroff\n' >/etc/systemd/system/render-worker.service.d/leave.conf
fi
systemctl daemon-reload
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/spotrender/logs.json
systemctl enable --now render-worker
