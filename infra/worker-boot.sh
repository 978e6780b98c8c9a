#!/bin/bash
# Turns an Amazon Linux 2023 instance into a worker: installs Blender and render-worker, and a
# systemd unit that keeps render-worker running.
#
# The launch template's user data runs this script as root, from the tarball that also has
# render-worker. The user data sets ARTIFACTS (s3://bucket), BLENDERS (keys
# blender/SHA-256/blender-VERSION-….tar.xz), LOG_GROUP and AWS_DEFAULT_REGION, and writes
# /etc/spotrender/worker.env. Any failure ends the instance, so an instance that cannot render costs
# nothing. Auto Scaling shows the end and starts another one. The console output has the reason.
set -euo pipefail

give_up() {
    echo "spotrender: line $1 failed; this instance shuts down" >&2
    shutdown -h +1 "spotrender could not be installed"
}
trap 'give_up $LINENO' ERR

if [ -z "$BLENDERS" ]; then
    echo "spotrender: the stack has no Blender. Deploy with a release of Blender: make deploy BLENDER=…" >&2
    false
fi

# Libraries that a Blender release needs and the image does not have.
dnf install -y -q xz tar libX11 libXi libXxf86vm libXfixes libXrender libxkbcommon libSM libICE mesa-libGL mesa-libEGL \
    amazon-cloudwatch-agent
# Cycles renders without these packages: OpenGL for EEVEE and Workbench, and Blender's sandbox.
# Below, the trial of the sandbox decides whether the instance may render.
for packages in "mesa-dri-drivers xorg-x11-server-Xvfb" bubblewrap; do
    # shellcheck disable=SC2086 # several names
    dnf install -y -q $packages || echo "spotrender: cannot install $packages" >&2
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
# Unpacking uses one processor, so all Blenders are installed at the same time. The worker starts
# afterwards, because it would refuse scenes whose Blender is still missing.
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

# A scene can run programs. With Sandbox=required this instance must prove that its sandbox works,
# as the user and with the restrictions of the service. The trial prints the reason if it fails.
sandbox=$(sed -n 's/^SPOTRENDER_SANDBOX=//p' /etc/spotrender/worker.env)
setpriv --reuid spotrender --regid spotrender --clear-groups --no-new-privs \
    env --chdir /var/lib/spotrender SPOTRENDER_SANDBOX="$sandbox" /usr/local/bin/render-worker --try-sandbox

# The agent follows the log file. The stack owns the log group, and each instance has a stream.
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
# An instance whose worker ends again and again powers off, so that it costs nothing.
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
# When memory runs out, the kernel ends Blender and not the worker. The worker reports it.
OOMPolicy=continue
LimitNOFILE=65536
TasksMax=4096
# SIGTERM drains the worker. It hands its frame back well within this time.
TimeoutStopSec=110
KillMode=mixed
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/var/lib/spotrender
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
UNIT
# With this setting the machine powers off when the worker ends after a notice.
if grep -q '^SPOTRENDER_LEAVE_AFTER_NOTICE=true$' /etc/spotrender/worker.env; then
    mkdir -p /etc/systemd/system/render-worker.service.d
    printf '[Unit]\nSuccessAction=poweroff\n' >/etc/systemd/system/render-worker.service.d/leave.conf
fi
systemctl daemon-reload
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/spotrender/logs.json
systemctl enable --now render-worker
