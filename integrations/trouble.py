"""What went wrong with Slack or a support tool, in the language of who reads it: such sentences are stored in English
with deliveries, links, replies and installations."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from conversations.stored_sentences import StoredSentences
from integrations.slack.refusals import WORDS
from integrations.slack.revocation import ENDS_ACCESS

TROUBLE: Final = StoredSentences(
    [
        *WORDS.values(),
        *ENDS_ACCESS.values(),
        _("The channel’s Slack workspace is not connected."),
        _("Slack could not take it (%(code)s)."),
        # Every tool.
        _("%(tool)s did not answer (%(error)s)."),
        _("%(tool)s does not take our credentials%(said)s: connect it again."),
        _("%(tool)s asks us to wait."),
        _("%(tool)s gave no token: is the address right?"),
        _("The credentials of %(tool)s are missing: connect it again."),
        _("%(tool)s has ended our access: connect it again."),
        _("%(tool)s does not take the client id and secret%(said)s. Copy both from the app once more."),
        _("%(tool)s was not told of our address%(said)s: enter the redirect address in the app."),
        _("The code of %(tool)s was used already or has expired%(said)s. Begin again."),
        _("%(tool)s is out of order (HTTP %(status)d)."),
        _("%(tool)s answered more than %(count)d MB."),
        _("%(tool)s did not answer in JSON: is the address right?"),
        _("%(tool)s has no ticket %(number)s any more: it was deleted there."),
        _("Ticket %(number)s was merged into %(other)s, which is connected with #%(conversation)d already."),
        _("“%(name)s” could not be fetched from Slack."),
        _("The link has ended."),
        # The console.
        _("The comment is gone from the console."),
        _("The console knows no status “%(status)s”."),
        _("The ticket is gone from the console."),
        _("There is such a comment already."),
        # Intercom.
        _("Intercom can’t change what was said."),
        _("It was merged into another one in Intercom, which does not say which: connect the conversation with that."),
        _("This has more parts than Intercom tells (500): close it, and go on in a new one."),
        _("Intercom has nothing with that number."),
        _("Intercom answered with %(answer)s: is the address right?"),
        _("Intercom does not let our app do this%(said)s: see its permissions."),
        _("Intercom took the reply, and does not show it."),
        _("Intercom knows no state “%(state)s”."),
        _("Intercom has no teammate %(teammate)s to write as: connect it again."),
        _("Intercom can’t delete what was said in a ticket."),
        _("Intercom has no ticket type: make one there, or connect conversations."),
        _("Intercom does not say which workspace the token is for."),
        # Linear.
        _("The issue was deleted in Linear."),
        _("Linear can’t delete an issue’s description alone."),
        _("The team has no such status any more: choose another in the settings."),
        _(
            "The issue has moved to another team in Linear, whose statuses are not mapped: "
            "move it back, or set its status there."
        ),
        _("Linear did not answer as it does: is the address right?"),
        _("Linear has had all the calls it allows for now."),
        _("Linear is out of order%(said)s."),
        _("The API key may not do this in Linear%(said)s: see whom it is of."),
        _("Linear has no such team any more: connect it again with another."),
        _("The API key sees no team “%(team)s” in Linear. It sees: %(teams)s."),
        # Salesforce.
        _("There is no such case in Salesforce."),
        _("Salesforce refused it: “%(words)s”."),
        _("Salesforce can’t delete a case’s description alone."),
        _("Salesforce has no status “%(status)s” any more: choose another in the settings."),
        _("The case was deleted in Salesforce."),
        _("Salesforce did not describe its cases: is the address right?"),
        _("Salesforce has had all the calls it allows."),
        _("Salesforce was busy with it%(said)s."),
        _("Our user in Salesforce may not do this%(said)s: see its permission sets."),
        _("Salesforce wants a field filled in that we don’t know%(said)s: give it a default there."),
        _("Salesforce gave no refresh token: let the app have the scope refresh_token."),
        _("Salesforce does not say which organisation the token is for."),
        # Zendesk.
        _("Zendesk does not let comments be changed."),
        _("Zendesk does not let comments be deleted, only redacted by hand."),
        _("Zendesk took a comment for ticket #%(number)s, but does not show it."),
        _("Zendesk's tickets have numbers."),
        _("Ticket #%(number)s was deleted in Zendesk."),
        _("Zendesk does not tell the signing secret."),
        _(
            "Zendesk ticket #%(number)s is closed and can’t be changed any more. Connect the conversation with a new "
            "ticket, or let Pylon make follow-up tickets in the settings of Zendesk."
        ),
        _("Zendesk does not let the user of our token do this%(said)s: see their role there."),
        _("Zendesk was busy with the same ticket%(said)s."),
        _("Zendesk has taken an earlier try of this already."),
        _("Zendesk did not answer as Zendesk does: is the address right?"),
        _("Zendesk knows no status “%(status)s”: see the map in the settings."),
        _("Zendesk says that the token is not of an agent or an administrator."),
        # After the others, which say more.
        _("%(what)s Connect it again."),
        _("%(tool)s knows nothing of it any more%(said)s."),
        _("%(tool)s refused it (HTTP %(status)d%(said)s)."),
        _("%(tool)s refused it. %(what)s"),
        _("%(tool)s refused it%(said)s."),
    ]
)
