"""Suites: writing the built-in ones, and keeping what has been run from changing."""

import logging

from django.db import transaction

from evals.errors import SuiteChanged
from evals.models import Run, Sample, Suite
from evals.suites import BUILDERS, BuiltSuite, Item, content_hash

logger = logging.getLogger(__name__)


def install_suites() -> list[Suite]:
    """Write every built-in suite; those that are there with the same content are left alone.

    So are those that have been run with other content: what they measured stays readable, and the rest is installed.
    """
    suites = []
    for slug, build in BUILDERS.items():
        try:
            suites.append(install_suite(build()))
        except SuiteChanged as error:
            logger.warning("%s", error)
            suites.append(Suite.objects.get(slug=slug))
    return suites


@transaction.atomic
def install_suite(built: BuiltSuite) -> Suite:
    """Write one suite with its samples. Idempotent.

    :raises SuiteChanged: when a suite of that slug has other content and has been run.
    """
    digest = content_hash(built.items)
    suite = Suite.objects.select_for_update().filter(slug=built.slug).first()
    if suite is not None and suite.content_hash == digest:
        return suite
    if suite is not None:
        if Run.objects.filter(suite=suite).exists():
            raise SuiteChanged(
                f"The suite {built.slug!r} has been run and its content differs now. Results of two contents must not "
                "be mixed: give the new content a new slug, such as one with the next version number."
            )
        suite.samples.all().delete()
    fields = {
        "name": built.name,
        "description": built.description,
        "content_hash": digest,
        "max_output_tokens": built.max_output_tokens,
    }
    suite, _ = Suite.objects.update_or_create(slug=built.slug, defaults=fields)
    Sample.objects.bulk_create(
        Sample(
            suite=suite,
            key=item.key,
            position=position,
            category=item.category,
            prompt=item.prompt,
            target=item.target,
            scorer=item.scorer,
            scorer_options=item.scorer_options,
        )
        for position, item in enumerate(built.items)
    )
    return suite


def hash_of(suite: Suite) -> str:
    """The content hash of a suite as it stands in the database."""
    return content_hash(
        Item(
            key=sample.key,
            category=sample.category,
            prompt=sample.prompt,
            target=sample.target,
            scorer=sample.scorer,
            scorer_options=sample.scorer_options,
        )
        for sample in suite.samples.order_by("position")
    )
