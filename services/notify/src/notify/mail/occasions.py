"""All that mails are written about."""

from notify.domain.digest import DigestOccasion
from notify.domain.inviting import InvitationOccasion
from notify.domain.telling import Occasion

AnyOccasion = Occasion | InvitationOccasion | DigestOccasion
