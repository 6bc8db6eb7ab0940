"""MQTT: every verdict to a broker, with a last will, through paho-mqtt."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import replace
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port, reason
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.http import environment_secret, no_certificates
from deeprx_gui.outputs.payload import state_words, to_json

ONLINE, OFFLINE = b"online", b"offline"
RUNNING, STOPPED = b"running", b"stopped"
_KEEP_ALIVE = 10
_SLICE = 0.05


class MqttReceiver:
    """Publishes below one topic; each verdict is confirmed by the broker (QoS 1)."""

    every = 0.5
    present_only = False

    def __init__(
        self, spec: OutputSpec, options: Options, commands: ReceiverCommands | None = None
    ) -> None:
        """Build from a checked spec; nothing is reached before ``open``."""
        self._spec, self._options = spec, options
        self._status = (commands or ReceiverCommands()).status
        self._host, self._port = host_and_port(spec.address)
        self._topic = options.text("topic").strip("/")
        self._timeout = options.number("timeout")
        self._client: paho.Client | None = None
        self._answered = threading.Event()
        self._refusal = ""
        self._there = threading.Event()
        self._aborted = False
        self._said: bytes | None = None
        self._state_said: bytes | None = None

    def open(self) -> None:
        """Connect and say that we are online. Raises Unreachable."""
        client = self._make_client()
        self._client = client
        self._answered.clear()
        self._refusal, self._said, self._state_said = "", None, None
        self._there.clear()
        try:
            client.connect(self._host, self._port, keepalive=_KEEP_ALIVE)
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise self._gone(why) from error
        client.loop_start()
        if not self._answered.wait(self._timeout):
            raise self._gone("timeout")
        if self._refusal:
            raise ReceiverUnreachable(
                say(
                    "The MQTT broker at {address} refuses this PC ({reason}). Check the user name,"
                    " the password's environment variable and the broker's rights.",
                    address=self._spec.address,
                    reason=self._refusal,
                )
            )
        self._publish("status", ONLINE, retain=True)

    def deliver(self, told: NumberedRecord) -> None:
        """Publish one verdict; returns when the broker confirmed it. Raises Unreachable."""
        self._publish("verdict", to_json(told.record), retain=False)

    def idle(self, *, running: bool) -> None:
        """Say when the inspection starts or stops. Raises Unreachable when the broker is gone."""
        if not self._there.is_set():
            raise self._gone("")
        word = RUNNING if running else STOPPED
        if word != self._said:
            self._publish("inspection", word, retain=True)
            self._said = word
        state = json.dumps(state_words(self._status())).encode()
        if state != self._state_said:
            self._publish("state", state, retain=True)
            self._state_said = state

    def notice(self) -> Message | None:
        """Nothing is ever out of the ordinary without an error."""
        return None

    def close(self) -> None:
        """Say goodbye where the broker still listens; otherwise the last will does."""
        client, self._client = self._client, None
        if client is None:
            return
        if self._there.is_set() and not self._aborted:
            client.publish(f"{self._topic}/inspection", STOPPED, qos=1, retain=True)
            stopped = json.dumps(state_words(replace(self._status(), running=False))).encode()
            client.publish(f"{self._topic}/state", stopped, qos=1, retain=True)
            last = client.publish(f"{self._topic}/status", OFFLINE, qos=1, retain=True)
            if last.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
                last.wait_for_publish(0.2)
        client.disconnect()
        client.loop_stop()

    def abort(self) -> None:
        """Stop waiting for a confirmation."""
        self._aborted = True
        self._answered.set()

    def _make_client(self) -> paho.Client:
        text = {key: self._options.text(key) for key in ("client_id", "user", "password_env")}
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=text["client_id"], reconnect_on_failure=False
        )
        client.connect_timeout = self._timeout
        client.will_set(f"{self._topic}/status", OFFLINE, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        if text["user"]:
            password = environment_secret(text["password_env"]) if text["password_env"] else None
            client.username_pw_set(text["user"], password)
        ca = self._options.text("ca")
        if self._options.switch("tls") or ca:
            try:
                client.tls_set_context(ssl.create_default_context(cafile=ca or None))
            except OSError as error:
                raise no_certificates(ca, error) from error
        return client

    # paho's callbacks, in its own thread.

    def _on_connect(self, client: Any, data: Any, flags: Any, code: Any, more: Any) -> None:  # noqa: ANN401, ARG002
        self._refusal = str(code) if code.is_failure else ""
        if not code.is_failure:
            self._there.set()
        self._answered.set()

    def _on_disconnect(self, client: Any, data: Any, flags: Any, code: Any, more: Any) -> None:  # noqa: ANN401, ARG002
        if client is self._client:
            self._there.clear()

    def _publish(self, topic: str, body: bytes, *, retain: bool) -> None:
        client = self._client
        if client is None or not self._there.is_set():
            raise self._gone("")
        info = client.publish(f"{self._topic}/{topic}", body, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._gone(paho.error_string(info.rc))
        until = time.monotonic() + self._timeout
        while not info.is_published():
            if not self._there.is_set() or self._aborted or time.monotonic() > until:
                raise self._gone("" if not self._there.is_set() else "timeout")
            info.wait_for_publish(_SLICE)

    def _gone(self, why: str) -> ReceiverUnreachable:
        return ReceiverUnreachable(
            say(
                "The MQTT broker at {address} cannot be reached ({reason}). It is tried again;"
                " check the broker and the network.",
                address=self._spec.address,
                reason=why or "connection lost",
            )
        )


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> MqttReceiver:
    """Build the receiver of a checked spec. Raises RequestError for a topic that is none."""
    topic = options.text("topic")
    if not topic.strip("/") or set(topic) & set("+#"):
        raise RequestError(
            say("“{topic}” is not a topic. It has at least one letter and no + or #.", topic=topic)
        )
    return MqttReceiver(spec, options, commands)
