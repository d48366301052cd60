# t14_kafka.py - T14: real Kafka brokers, three of them and one, with the job and
# the brokers killed and paused: `./dev kafka --long` as a test of this campaign. Only with --long: it takes many minutes, a JDK and Maven.
import os
import re
import subprocess

from harness import Result

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def run(context):
    if not context.long:
        return Result(skipped='only with --long')
    env = dict(os.environ, RIVULET_TEST_KAFKA_SEED=str(context.seed % 32768))
    done = subprocess.run(
        [os.path.join(TOP, 'dev'), 'kafka', '--long'], env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    skipped = re.search(r'skipped: (.*)', done.stdout)
    if skipped:
        return Result(skipped=skipped.group(1))
    result = Result()
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):
        if line.startswith('ok '):
            result.good()
        elif line.startswith('not ok '):
            result.bad('%s', '\n'.join(lines[i:i + 12]))
    if done.returncode != 0 and result.failed == 0 or result.passed == 0:
        result.bad('./dev kafka --long ended with %d: %s', done.returncode,
                   done.stdout[-500:])
    return result
