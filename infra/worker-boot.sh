#!/bin/bash
# Makes an Amazon Linux 2023 instance a worker: Blender, render-worker, and systemd to keep it running.
#
# Comes in one tarball with render-worker, and is run as root by the launch template's user data, which
# sets ARTIFACTS (s3://bucket), BLENDER_KEY, BLENDER_SHA256, LOG_GROUP and AWS_DEFAULT_REGION, and has
# written /etc/spotrender/worker.env. Anything that fails ends the instance: Auto Scaling shows it and
# tries again, and nothing that cannot render stays on the bill. The console output says why.
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
dnf install -y -q xz tar libX11 libXi libXxf86vm libXfixes libXrender libxkbcommon libSM libICE mesa-libGL mesa-libEGL \
    amazon-cloudwatch-agent
# Without these Cycles renders all the same: what EEVEE and Workbench draw with, and Blender's sandbox, of which
# SPOTRENDER_SANDBOX says whether a worker without it renders.
for packages in "mesa-dri-drivers xorg-x11-server-Xvfb" bubblewrap; do
    # shellcheck disable=SC2086 # several names
    dnf install -y -q $packages || echo "spotrender: can't install $packages" >&2
done

aws s3 cp --only-show-errors "$ARTIFACTS/$BLENDER_KEY" /root/blender.tar.xz
echo "$BLENDER_SHA256  /root/blender.tar.xz" | sha256sum --check --quiet
mkdir -p /opt/blender
tar --extract --xz --file /root/blender.tar.xz --directory /opt/blender --strip-components 1 --no-same-owner
rm /root/blender.tar.xz
/opt/blender/blender --version

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
