// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../../src/PhatAnchor.sol";
import {Recorder} from "./Consumers.sol";
import {Test} from "./Test.sol";

/// @title What all tests of the anchor start from: a consumer, its owner, its attestor and a relayer
abstract contract AnchorTest is Test {
    uint256 internal constant ATTESTOR_KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xB0B;
    /// @dev The order of the secp256k1 group.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    address internal immutable attestor = vm.addr(ATTESTOR_KEY);
    address internal immutable owner = address(0x0111E5);
    address internal immutable relayer = address(0x4E1A7);

    Recorder internal anchor;

    function setUp() public virtual {
        anchor = new Recorder(owner, attestors());
    }

    function attestors() internal view returns (address[] memory list) {
        list = new address[](1);
        list[0] = attestor;
    }

    /// @dev An outcome that reads and writes nothing.
    function plain(uint256 id, bytes memory output) internal view returns (PhatAnchor.Outcome memory outcome) {
        (outcome.requestId, outcome.success, outcome.output) = (id, true, output);
        outcome.commitment = anchor.commitments(id);
    }

    /// @dev An outcome that depends on one key and writes it.
    function touching(uint256 id, bytes32 key, uint64 version, bytes memory value)
        internal
        view
        returns (PhatAnchor.Outcome memory outcome)
    {
        outcome = plain(id, "");
        outcome.reads = new PhatAnchor.Read[](1);
        outcome.reads[0] = PhatAnchor.Read(key, version);
        outcome.writes = new PhatAnchor.Write[](1);
        outcome.writes[0] = PhatAnchor.Write(key, value);
    }

    function sign(uint256 privateKey, PhatAnchor.Outcome memory outcome) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, anchor.outcomeDigest(outcome));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Signs as the attestor and settles as the relayer.
    function settle(PhatAnchor.Outcome memory outcome) internal {
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        vm.prank(relayer);
        anchor.settle(outcome, signature);
    }

    /// @dev The same, expecting it to revert with `reason`.
    function settleReverts(PhatAnchor.Outcome memory outcome, bytes memory reason) internal {
        settleReverts(outcome, sign(ATTESTOR_KEY, outcome), reason);
    }

    function settleReverts(PhatAnchor.Outcome memory outcome, bytes memory signature, bytes memory reason) internal {
        uint256 calls = anchor.calls();
        PhatAnchor.Status before = anchor.status(outcome.requestId);
        vm.prank(relayer);
        vm.expectRevert(reason);
        anchor.settle(outcome, signature);
        equal(anchor.calls(), calls);
        check(anchor.status(outcome.requestId) == before, "a refused outcome changed the request");
    }

    function hasValue(bytes32 key, bytes memory wanted, uint64 wantedVersion) internal view {
        (bytes memory value, uint64 version) = anchor.getValue(key);
        equal(value, wanted);
        equal(version, wantedVersion);
    }
}
