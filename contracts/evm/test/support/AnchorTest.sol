// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatHub} from "../../src/PhatHub.sol";
import {IPhatAnchor} from "../../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors} from "../../src/interfaces/IPhatAnchorErrors.sol";
import {InheritedRecorder, Recorder, SharedRecorder} from "./Recorders.sol";
import {Signing} from "./Signing.sol";

/// @title What all tests of the anchors start from: a consumer, its owner, its attestor, a requester and a relayer
/// @dev Every suite runs twice, at an inherited anchor and at the shared one.
abstract contract AnchorTest is Signing {
    uint256 internal constant ATTESTOR_KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xB0B;
    /// @dev The order of the secp256k1 group.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 internal constant START = 1_800_000_000;
    bytes internal constant INPUT = "input";

    address internal immutable attestor = vm.addr(ATTESTOR_KEY);
    address internal immutable owner = address(0x0111E5);
    address internal immutable relayer = address(0x4E1A7);
    address internal immutable requester = address(0xC0FFEE);

    IPhatAnchor internal anchor;
    Recorder internal consumer;

    function setUp() public virtual {
        vm.warp(START);
        (anchor, consumer) = make(1, one(attestor));
    }

    /// @dev A consumer and the anchor that it asks at.
    function make(uint256 threshold, address[] memory attestors) internal virtual returns (IPhatAnchor, Recorder);

    function ask() internal returns (uint256 id) {
        vm.prank(requester);
        return consumer.ask(INPUT);
    }

    function askWithTerms(uint96 fee, uint40 expiresAt) internal returns (uint256 id) {
        vm.deal(requester, fee);
        vm.prank(requester);
        return consumer.askWithTerms{value: fee}(INPUT, expiresAt);
    }

    /// @dev An outcome for a request without terms that reads and writes nothing.
    function plain(uint256 id, bytes memory output) internal view returns (IPhatAnchor.Outcome memory outcome) {
        return onTerms(id, output, 0, 0);
    }

    function onTerms(uint256 id, bytes memory output, uint96 fee, uint40 expiresAt)
        internal
        view
        returns (IPhatAnchor.Outcome memory outcome)
    {
        (outcome.requestId, outcome.consumer) = (id, address(consumer));
        (outcome.success, outcome.output) = (true, output);
        outcome.commitment = keccak256(abi.encode(consumer, requester, keccak256(INPUT), fee, expiresAt));
    }

    /// @dev An outcome that depends on one key and writes it.
    function touching(uint256 id, bytes32 key, uint64 version, bytes memory value)
        internal
        view
        returns (IPhatAnchor.Outcome memory outcome)
    {
        outcome = plain(id, "");
        outcome.reads = new IPhatAnchor.Read[](1);
        outcome.reads[0] = IPhatAnchor.Read(key, version);
        outcome.writes = new IPhatAnchor.Write[](1);
        outcome.writes[0] = IPhatAnchor.Write(key, value);
    }

    function signed(IPhatAnchor.Outcome memory outcome) internal view returns (bytes memory) {
        return sign(ATTESTOR_KEY, anchor, outcome);
    }

    /// @dev Signs as the attestor and settles as the relayer.
    function settle(IPhatAnchor.Outcome memory outcome) internal {
        bytes memory signatures = signed(outcome);
        vm.prank(relayer);
        anchor.settle(outcome, signatures);
    }

    function settleReverts(IPhatAnchor.Outcome memory outcome, bytes memory reason) internal {
        settleReverts(outcome, signed(outcome), reason);
    }

    /// @dev Expects `reason` of a settlement, and in the event of a batch of one; nothing changes.
    function settleReverts(IPhatAnchor.Outcome memory outcome, bytes memory signatures, bytes memory reason) internal {
        uint256 calls = consumer.calls();
        IPhatAnchor.Status before = statusOf(outcome.requestId);
        vm.expectRevert(reason);
        anchor.settle(outcome, signatures);

        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](1);
        bytes[] memory list = new bytes[](1);
        (outcomes[0], list[0]) = (outcome, signatures);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.OutcomeRefused(outcome.requestId, outcome.consumer, reason);
        equal(anchor.settleBatch(outcomes, list)[0], reason);

        equal(consumer.calls(), calls);
        check(statusOf(outcome.requestId) == before, "a refused outcome changed the request");
    }

    /// @dev Which outcomes a batch has settled, a bit for each, the lowest for the first.
    function settleBatch(IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures)
        internal
        returns (uint256 settled)
    {
        bytes[] memory refusals = anchor.settleBatch(outcomes, signatures);
        equal(refusals.length, outcomes.length);
        for (uint256 i = 0; i < refusals.length; ++i) {
            if (refusals[i].length == 0) settled |= 1 << i;
        }
    }

    function statusOf(uint256 id) internal view returns (IPhatAnchor.Status) {
        return anchor.status(address(consumer), id);
    }

    function isSettled(uint256 id) internal view {
        check(statusOf(id) == IPhatAnchor.Status.Settled, "not settled");
    }

    function isOpen(uint256 id) internal view {
        check(statusOf(id) == IPhatAnchor.Status.Open, "not open");
    }

    function hasValue(bytes32 key, bytes memory wanted, uint64 wantedVersion) internal view {
        (bytes memory value, uint64 version) = anchor.getValue(address(consumer), key);
        equal(value, wanted);
        equal(version, wantedVersion);
    }

    function setAttestors(uint256 threshold, address[] memory attestors) internal {
        vm.prank(owner);
        anchor.setAttestors(address(consumer), threshold, attestors);
    }

    function setBounds(IPhatAnchor.Bounds memory bounds) internal {
        vm.prank(owner);
        anchor.setBounds(address(consumer), bounds);
    }

    function alreadySettled(uint256 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IPhatAnchorErrors.AlreadySettled.selector, id);
    }
}

/// @title Runs a suite at an inherited anchor
abstract contract AtInherited is AnchorTest {
    function make(uint256 threshold, address[] memory attestors) internal override returns (IPhatAnchor, Recorder) {
        InheritedRecorder made = new InheritedRecorder(owner, threshold, attestors);
        return (made, made);
    }
}

/// @title Runs a suite at the shared anchor
abstract contract AtShared is AnchorTest {
    PhatHub internal immutable hub = new PhatHub();

    function make(uint256 threshold, address[] memory attestors) internal override returns (IPhatAnchor, Recorder) {
        return (hub, new SharedRecorder(hub, owner, threshold, attestors));
    }
}
