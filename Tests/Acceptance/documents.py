"""Each command's JSON document fits its published schema.

It renders small jobs, and calls every command that has --json.
"""

import tempfile

from harness import answer, cloud, expect, scene, spotrender, until
from schema import SCHEMA_OF, check_answer


def local(command, *arguments):
    state = ["--state", cloud().state] if "--state" not in arguments else []
    words = ["local", command, *arguments]
    return check_answer(words, spotrender(*words, "--json", *state))


def a_job_from_upload_to_report(folder):
    path = scene(folder, "documented", "--frames", "1-2")
    check_answer(["inspect"], spotrender("inspect", path, "--json"))
    answer("estimate", path)
    job = answer("submit", path)["job"]
    expect(answer("watch", job)["framesDone"] == 2, "both frames are stored")
    listed = [one["job"] for one in answer("jobs", "--all")["jobs"]]
    expect(job in listed, "jobs --all lists the job", listed)
    for command in ("status", "logs", "download"):
        arguments = [command, job, *([f"{folder}/frames"] if command == "download" else [])]
        expect(answer(*arguments)["job"] == job, f"{command} names the job")
    report = answer("report", job, "--html", f"{folder}/report.html")
    expect(report["runs"][0]["job"] == job, "the report names the job")


def a_steered_job(folder):
    path = scene(folder, "steered", "--frames", "1-40")
    job = answer("submit", path, "--no-canary", "--samples", "2000")["job"]
    until("the job is listed", lambda: any(one["job"] == job for one in answer("jobs")["jobs"]))
    until("a worker renders", lambda: answer("status", job)["state"] == "rendering")
    expect(answer("status")["jobs"], "status lists the open jobs")
    expect(answer("pause", job)["state"] == "paused", "the job is paused")
    answer("resume", job)
    worker = answer("workers")["workers"][0]["worker"]
    expect(answer("drain", worker, "--now")["worker"] == worker, "drain names the worker")
    fleet = answer("fleet")
    expect(fleet["decisions"] and fleet["groups"], "the fleet has groups and decisions", fleet)
    answer("cancel", job)
    until("the job is canceled", lambda: answer("status", job)["state"] == "canceled")
    expect(answer("retry", job)["job"] == job, "retry names the job")
    answer("cancel", job)


def the_local_cloud(folder):
    local("up", "--fleet-max", "2", "--turn-around", "60", "--lease", "30")
    for seconds in (60, 0):
        shortage = local("refuse", "--for", seconds)
        expect(shortage["shortageSeconds"] == seconds, "refuse names the time", shortage)
    path = scene(folder, "local", "--frames", "1-2")
    run = local("run", path, "--out", f"{folder}/local")
    expect(run["isDone"] and run["framesDone"] == 2, "local run renders both frames", run)
    running = [one for one in local("instances")["instances"] if one["state"] == "running"]
    if running:
        taken = local("interrupt", running[0]["worker"], "--after", "3")
        expect(taken["worker"] == running[0]["worker"], "interrupt names the worker", taken)
    expect(not local("down", "--state", f"{folder}/nowhere")["wasUp"], "nothing was up there")


def main():
    with tempfile.TemporaryDirectory() as folder:
        a_job_from_upload_to_report(folder)
        a_steered_job(folder)
        the_local_cloud(folder)
    print(f"The documents of {len(SCHEMA_OF) + 1} commands fit their schemas.")
