"""Sessions of the OPC UA server: who signs in, what he may ask for, and how much of it.

asyncua 2.1.0 lets any session end, change or take over the subscriptions of another, gives
guessable session tokens, and answers a client's wish for a publishing interval of a millisecond;
here these are refused or bounded.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import PermissionRuleset, User, UserRole
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.monitored_item_service import MonitoredItemData

from deeprx_gui.outputs.opcua_filters import check_filter, is_of_events
from deeprx_gui.outputs.opcua_limits import (
    MOST_CALLED,
    MOST_EVENT_ITEMS,
    MOST_ITEMS,
    MOST_ITEMS_PER_CALL,
    MOST_ON_ONE_NODE,
    MOST_QUEUED,
    MOST_QUEUED_OF_ALL,
    MOST_READ,
    MOST_SUBSCRIPTIONS,
    USUALLY_QUEUED,
    bounded,
)
from deeprx_gui.outputs.opcua_off_loop import OffLoop
from deeprx_gui.outputs.opcua_subscriptions import BoundedSubscription
from deeprx_gui.outputs.opcua_users import GOOD_PASSWORDS, Users
from deeprx_gui.outputs.opcua_view import Browsing, ReferenceTypes

SHORTEST_INTERVAL, LONGEST_INTERVAL = 20.0, 60_000.0
"""Milliseconds between two publications."""
SESSION_MS: Final = 300_000.0
_MOST_ACKNOWLEDGED: Final = 500
"""Answers that one Publish request acknowledges."""

_O = ua.ObjectIds
_MAY_READ: Final = frozenset(
    ua.NodeId(number)
    for number in (
        _O.CloseSessionRequest_Encoding_DefaultBinary,
        _O.ReadRequest_Encoding_DefaultBinary,
        _O.BrowseRequest_Encoding_DefaultBinary,
        _O.BrowseNextRequest_Encoding_DefaultBinary,
        _O.TranslateBrowsePathsToNodeIdsRequest_Encoding_DefaultBinary,
        _O.CreateSubscriptionRequest_Encoding_DefaultBinary,
        _O.ModifySubscriptionRequest_Encoding_DefaultBinary,
        _O.DeleteSubscriptionsRequest_Encoding_DefaultBinary,
        _O.TransferSubscriptionsRequest_Encoding_DefaultBinary,
        _O.CreateMonitoredItemsRequest_Encoding_DefaultBinary,
        _O.ModifyMonitoredItemsRequest_Encoding_DefaultBinary,
        _O.DeleteMonitoredItemsRequest_Encoding_DefaultBinary,
        _O.SetMonitoringModeRequest_Encoding_DefaultBinary,
        _O.SetPublishingModeRequest_Encoding_DefaultBinary,
        _O.PublishRequest_Encoding_DefaultBinary,
        _O.RepublishRequest_Encoding_DefaultBinary,
        _O.RegisterNodesRequest_Encoding_DefaultBinary,
        _O.UnregisterNodesRequest_Encoding_DefaultBinary,
        _O.CloseSecureChannelRequest_Encoding_DefaultBinary,
    )
)
_MAY_CALL: Final = _MAY_READ | {ua.NodeId(_O.CallRequest_Encoding_DefaultBinary)}
_GOOD_SIGNATURE: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

CALLER: ContextVar[str] = ContextVar("caller", default="")
"""Who calls the method that runs now: the user and the client's address."""

_log = logging.getLogger(__name__)


class Rules(PermissionRuleset):  # type: ignore[misc]
    """Whoever signed in may call methods; without a name one may only look on."""

    def check_validity(self, user: User, action_type_id: ua.NodeId, body: object) -> bool:  # noqa: ARG002
        """Say whether a request is allowed."""
        return action_type_id in (_MAY_CALL if user.role is UserRole.User else _MAY_READ)


class GuardedSessions(InternalServer):  # type: ignore[misc]
    """asyncua's inner server with bounded sessions."""

    def __init__(self, users: Users, *, most: int, anonymous: bool) -> None:
        super().__init__(user_manager=users)
        self.users = users
        self.most = most
        self.reference_types = ReferenceTypes(self.aspace)
        self.owners: dict[int, tuple[str, bytes]] = {}
        self.allow_remote_admin = False
        self.max_session_timeout_ms = SESSION_MS
        self.max_monitored_item_queue_size = MOST_QUEUED
        self.max_unacked_messages_per_subscription = 200
        self.max_subscriptions = most * MOST_SUBSCRIPTIONS
        self.max_lifetime_count = 3000
        self.max_keep_alive_count = 1000
        self.max_connections = most + 4  # a few that only look which endpoints there are
        self.max_pending_activation_seconds = 10.0
        # more than one read of the socket can hold; reading pauses long before (opcua_guard)
        self.max_pending_messages_per_connection = 10_000
        tokens: list[type] = [ua.UserNameIdentityToken, ua.X509IdentityToken]
        self.supported_tokens = (*tokens, *([ua.AnonymousIdentityToken] * anonymous))

    def create_session(
        self,
        name: Any,  # noqa: ANN401 - the library's signature
        user: User = User(role=UserRole.Anonymous),  # noqa: B008
        external: bool = False,
    ) -> InternalSession:
        """Return a new session. Raises ServiceError when there are as many as may be."""
        if external and len(self._external_sessions) >= self.most:
            raise ServiceError(ua.StatusCodes.BadTooManySessions)
        return GuardedSession(
            self, self.aspace, self.subscription_service, name, user=user, external=external
        )

    def register_server(self, server: object, conf: object = None) -> None:  # noqa: ARG002
        """Refuse: this is no discovery server."""
        raise ServiceError(ua.StatusCodes.BadServiceUnsupported)


class GuardedSession(InternalSession):  # type: ignore[misc]
    """One session; ``client_certificate`` is that of the channel it was made on."""

    iserver: GuardedSessions

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **more)
        self.client_certificate = b""
        self._browsing = Browsing(self.aspace, self.iserver.reference_types)
        if self.external:  # a token that nobody can guess
            self.iserver.unregister_external_session(self)
            self.auth_token = ua.NodeId(secrets.token_bytes(32), 0, ua.NodeIdType.ByteString)
            self.iserver.register_external_session(self)

    @property
    def address(self) -> str:
        peer = self.name
        return str(peer[0]) if isinstance(peer, tuple) and peer else str(peer)

    async def look_at_user(self, token: object, off: OffLoop) -> None:
        """Find out beside the loop whose token it is; ``activate_session`` asks for it."""
        await self.iserver.users.look(self, token, self.address, off)

    def activate_session(
        self, params: ua.ActivateSessionParameters, peer_certificate: bytes | None
    ) -> ua.ActivateSessionResult:
        """Sign in. Raises ServiceError."""
        token = params.UserIdentityToken
        is_name = isinstance(token, ua.UserNameIdentityToken)
        if is_name and token.EncryptionAlgorithm not in GOOD_PASSWORDS:
            raise ServiceError(ua.StatusCodes.BadIdentityTokenInvalid)
        is_weak = params.UserTokenSignature.Algorithm != _GOOD_SIGNATURE
        if isinstance(token, ua.X509IdentityToken) and is_weak:
            raise ServiceError(ua.StatusCodes.BadIdentityTokenInvalid)
        self.iserver.users.begin(token, self.address)
        return super().activate_session(params, peer_certificate)

    # -- how much ----------------------------------------------------------------------------

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        bounded(params.NodesToRead, MOST_READ)
        return await super().read(params)

    async def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        return self._browsing.browse(params)

    async def browse_next(self, parameters: ua.BrowseNextParameters) -> list[ua.BrowseResult]:
        return self._browsing.browse_next(parameters)

    async def translate_browsepaths_to_nodeids(
        self, params: list[ua.BrowsePath]
    ) -> list[ua.BrowsePathResult]:
        return self._browsing.translate(params)

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        bounded(params, MOST_CALLED)
        CALLER.set(f"{self.user.name or '?'} ({self.address})")
        return await super().call(params)

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        if len(self._own()) >= MOST_SUBSCRIPTIONS:
            raise ServiceError(ua.StatusCodes.BadTooManySubscriptions)
        wished = float(params.RequestedPublishingInterval or 0.0)
        if not math.isfinite(wished):
            wished = LONGEST_INTERVAL
        params.RequestedPublishingInterval = min(max(wished, SHORTEST_INTERVAL), LONGEST_INTERVAL)
        result = await super().create_subscription(params, callback, request_callback)
        made = self.subscription_service.subscriptions[result.SubscriptionId]
        BoundedSubscription.take_over(made, params.MaxNotificationsPerPublish)
        owners = self.iserver.owners
        owners[result.SubscriptionId] = self._owner
        for gone in owners.keys() - self.subscription_service.subscriptions.keys():
            del owners[gone]
        return result

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        self._must_own([params.SubscriptionId])
        wanted = list(params.ItemsToCreate or ())
        bounded(wanted, MOST_ITEMS_PER_CALL)
        there = self._items()
        reads = [each.read_value_id for each in there] + [each.ItemToMonitor for each in wanted]
        on_one = Counter((read.NodeId, read.AttributeId) for read in reads)
        of_events = sum(read.AttributeId == ua.AttributeIds.EventNotifier for read in reads)
        for read in (each.ItemToMonitor for each in wanted):
            if read.AttributeId == ua.AttributeIds.EventNotifier:
                continue
            if on_one[read.NodeId, read.AttributeId] > MOST_ON_ONE_NODE:
                raise ServiceError(ua.StatusCodes.BadTooManyMonitoredItems)
        if len(reads) > MOST_ITEMS or of_events > MOST_EVENT_ITEMS:
            raise ServiceError(ua.StatusCodes.BadTooManyMonitoredItems)
        left = MOST_QUEUED_OF_ALL - sum(each.queue_size for each in there)
        for item in wanted:
            read, asked = item.ItemToMonitor, item.RequestedParameters
            of_event = bool(read.AttributeId == ua.AttributeIds.EventNotifier)
            self._check_filter(asked.Filter, read, of_events=of_event)
            usual = MOST_QUEUED if of_event else USUALLY_QUEUED  # where the client leaves it to us
            asked.QueueSize = max(1, min(int(asked.QueueSize) or usual, MOST_QUEUED, left))
            left -= asked.QueueSize
        return await super().create_monitored_items(params)

    # -- whose -------------------------------------------------------------------------------

    async def modify_monitored_items(
        self, params: ua.ModifyMonitoredItemsParameters
    ) -> list[ua.MonitoredItemModifyResult]:
        self._must_own([params.SubscriptionId])
        bounded(params.ItemsToModify, MOST_ITEMS_PER_CALL)
        left = MOST_QUEUED_OF_ALL - sum(each.queue_size for each in self._items())
        service = self.subscription_service.subscriptions[params.SubscriptionId].monitored_item_srv
        for item in params.ItemsToModify or ():
            there = service._monitored_items.get(item.MonitoredItemId)  # noqa: SLF001
            if there is None:
                raise ServiceError(ua.StatusCodes.BadMonitoredItemIdInvalid)
            wanted = item.RequestedParameters.Filter or None  # none: it keeps the one it has
            item.RequestedParameters.Filter = wanted
            if wanted is not None:
                of_events = is_of_events(there)
                self._check_filter(wanted, there.read_value_id, of_events=of_events)
            asked = int(item.RequestedParameters.QueueSize) or there.queue_size
            most = min(MOST_QUEUED, left + there.queue_size)
            item.RequestedParameters.QueueSize = max(1, min(asked, most))
            left += there.queue_size - item.RequestedParameters.QueueSize
        return await super().modify_monitored_items(params)

    async def delete_monitored_items(
        self, params: ua.DeleteMonitoredItemsParameters
    ) -> list[ua.StatusCode]:
        self._must_own([params.SubscriptionId])
        bounded(params.MonitoredItemIds, MOST_ITEMS)
        return await super().delete_monitored_items(params)

    async def set_monitoring_mode(
        self, params: ua.SetMonitoringModeParameters
    ) -> list[ua.StatusCode]:
        self._must_own([params.SubscriptionId])
        bounded(params.MonitoredItemIds, MOST_ITEMS_PER_CALL)
        return await super().set_monitoring_mode(params)

    async def set_publishing_mode(
        self, params: ua.SetPublishingModeParameters
    ) -> list[ua.StatusCode]:
        bounded(params.SubscriptionIds, MOST_SUBSCRIPTIONS)
        self._must_own(params.SubscriptionIds)
        return await super().set_publishing_mode(params)

    def modify_subscription(
        self, params: ua.ModifySubscriptionParameters
    ) -> ua.ModifySubscriptionResult:
        self._must_own([params.SubscriptionId])
        return super().modify_subscription(params)

    def republish(self, params: ua.RepublishParameters) -> ua.NotificationMessage:
        self._must_own([params.SubscriptionId])
        return super().republish(params)

    async def delete_subscriptions(self, ids: list[int]) -> list[ua.StatusCode]:
        bounded(ids, MOST_SUBSCRIPTIONS)
        self._must_own(ids)
        return await super().delete_subscriptions(ids)

    async def transfer_subscriptions(
        self, params: ua.TransferSubscriptionsParameters, callback: Callable[..., Any]
    ) -> list[ua.TransferResult]:
        """Take over subscriptions: of the same user and the same client only."""
        bounded(params.SubscriptionIds, MOST_SUBSCRIPTIONS)
        for number in params.SubscriptionIds or ():
            if self.iserver.owners.get(int(number)) != self._owner:
                raise ServiceError(ua.StatusCodes.BadUserAccessDenied)
        return await super().transfer_subscriptions(params, callback)

    def publish(
        self, acks: Iterable[ua.SubscriptionAcknowledgement] | None = None
    ) -> tuple[int, list[ua.StatusCode]]:
        """Acknowledge, of this session's own subscriptions only."""
        given, own = list(acks or ()), self._own()
        bounded(given, _MOST_ACKNOWLEDGED)
        unknown = ua.StatusCode(ua.StatusCodes.BadSubscriptionIdInvalid)
        mine = [ack for ack in given if ack.SubscriptionId in own]
        _all, results = super().publish(mine)
        answers = iter(results)
        return len(own), [next(answers) if ack.SubscriptionId in own else unknown for ack in given]

    async def history_read(self, params: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:  # noqa: ARG002
        raise ServiceError(ua.StatusCodes.BadHistoryOperationUnsupported)

    def _check_filter(self, wanted: object, read: ua.ReadValueId, *, of_events: bool) -> None:
        there = (
            None if of_events else self.aspace.read_attribute_value(read.NodeId, read.AttributeId)
        )
        value = there.Value.Value if there is not None and there.Value is not None else None
        check_filter(wanted, of_events=of_events, value=value)

    @property
    def _owner(self) -> tuple[str, bytes]:
        return (self.user.name or "", self.client_certificate)

    def _items(self) -> list[MonitoredItemData]:
        """Return the monitored items of this session."""
        service = self.subscription_service.subscriptions
        return [
            item
            for number in self._own()
            for item in service[number].monitored_item_srv._monitored_items.values()  # noqa: SLF001
        ]

    def _own(self) -> list[int]:
        found = self.subscription_service.subscriptions.items()
        return [number for number, sub in found if sub.session_id == self.session_id]

    def _must_own(self, ids: Iterable[int] | None) -> None:
        own = self._own()
        if any(int(number) not in own for number in ids or ()):
            raise ServiceError(ua.StatusCodes.BadSubscriptionIdInvalid)
