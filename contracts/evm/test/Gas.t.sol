// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatHub} from "../src/PhatHub.sol";
import {LensStats} from "../src/examples/LensStats.sol";
import {LensStatsShared} from "../src/examples/LensStatsShared.sol";
import {LensAnswers} from "../src/examples/LensAnswers.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatHub} from "../src/interfaces/IPhatHub.sol";
import {IPhatPushConsumer} from "../src/interfaces/IPhatPushConsumer.sol";
import {MetaTransactions} from "./rollup/MetaTransactions.sol";
import {RollupLensStats} from "./rollup/RollupLensStats.sol";
import {Signing} from "./support/Signing.sol";

interface Asked {
    function request(string calldata profileId) external returns (uint256 id);
    function requestWithFee(string calldata profileId, uint40 expiresAt) external payable returns (uint256 id);
}

/// What a request and a settlement cost the account that sends them, intrinsic gas, calldata and refunds included, once
/// the slots that all requests share have been written. The consumers keep the same and emit the same, whichever anchor
/// they ask at: see LensAnswers.sol. The figures are kept in snapshots/; those that end with "each" are of one item.
abstract contract GasTest is Signing {
    uint256 internal constant ATTESTOR_KEY = 0xA11CE;
    string internal constant PROFILE = "0x01";

    function group() internal pure virtual returns (string memory);

    function asked() internal view virtual returns (Asked);
}

abstract contract LeanGasTest is GasTest {
    IPhatAnchor internal anchor;
    address internal consumer;

    function asked() internal view override returns (Asked) {
        return Asked(consumer);
    }

    function answer(uint256 id, uint96 fee, uint40 expiresAt)
        private
        view
        returns (IPhatAnchor.Outcome memory outcome)
    {
        (outcome.requestId, outcome.consumer) = (id, consumer);
        (outcome.success, outcome.output) = (true, abi.encode(0, 31_337));
        outcome.commitment = anchor.commitmentOf(consumer, address(this), abi.encode(PROFILE), fee, expiresAt);
    }

    function settle(IPhatAnchor.Outcome memory outcome) internal {
        anchor.settle(outcome, sign(ATTESTOR_KEY, anchor, outcome));
    }

    function warmUp() internal {
        settle(answer(asked().request(PROFILE), 0, 0));
    }

    function test_request() public {
        asked().request(PROFILE);
        vm.snapshotGasLastCall(group(), "request");
    }

    function test_request_with_fee() public {
        uint40 expiresAt = uint40(block.timestamp + 1 hours);
        asked().requestWithFee{value: 1 gwei}(PROFILE, expiresAt);
        uint256 id = asked().requestWithFee{value: 1 gwei}(PROFILE, expiresAt);
        vm.snapshotGasLastCall(group(), "request with fee");
        settle(answer(id - 1, 1 gwei, expiresAt));
        settle(answer(id, 1 gwei, expiresAt));
        vm.snapshotGasLastCall(group(), "settle with fee");
    }

    function test_settle() public {
        settle(answer(asked().request(PROFILE), 0, 0));
        vm.snapshotGasLastCall(group(), "settle");
    }

    function test_settle_with_state() public {
        IPhatAnchor.Outcome memory outcome = answer(asked().request(PROFILE), 0, 0);
        outcome.reads = new IPhatAnchor.Read[](1);
        outcome.reads[0] = IPhatAnchor.Read("total", 0);
        outcome.writes = new IPhatAnchor.Write[](1);
        outcome.writes[0] = IPhatAnchor.Write("total", abi.encode(31_337));
        settle(outcome);
        outcome.requestId = asked().request(PROFILE);
        outcome.reads[0].version = 1;
        settle(outcome);
        vm.snapshotGasLastCall(group(), "settle, 1 read and 1 write");
    }

    function test_push() public virtual {
        pushes("push");
    }

    /// @dev As a schedule does, whose guard is written again and again; the callback does nothing.
    function pushes(string memory name) internal {
        IPhatAnchor.Outcome memory outcome = answer(0, 0, 0);
        outcome.reads = new IPhatAnchor.Read[](1);
        outcome.reads[0] = IPhatAnchor.Read("firing", 0);
        outcome.writes = new IPhatAnchor.Write[](1);
        outcome.writes[0] = IPhatAnchor.Write("firing", abi.encodePacked(uint64(block.timestamp)));
        settle(outcome);
        outcome.reads[0].version = 1;
        outcome.commitment = keccak256("the next firing");
        settle(outcome);
        vm.snapshotGasLastCall(group(), name);
    }

    function test_settle_batches() public {
        batch(4, "settle in a batch of 4, each");
        batch(16, "settle in a batch of 16, each");
        batch(64, "settle in a batch of 64, each");
    }

    function batch(uint256 count, string memory name) private {
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](count);
        bytes[] memory signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            outcomes[i] = answer(asked().request(PROFILE), 0, 0);
            signatures[i] = sign(ATTESTOR_KEY, anchor, outcomes[i]);
        }
        anchor.settleBatch(outcomes, signatures);
        // Rounded up.
        vm.snapshotValue(group(), name, (vm.lastCallGas().gasTotalUsed + count - 1) / count);
    }
}

/// forge-config: default.isolate = true
contract InheritedGasTest is LeanGasTest {
    function group() internal pure override returns (string memory) {
        return "LensStats";
    }

    function setUp() public {
        LensStats stats = new LensStats(address(this), one(vm.addr(ATTESTOR_KEY)));
        (anchor, consumer) = (stats, address(stats));
        warmUp();
    }
}

/// As LensStatsShared, with a callback that does nothing for what nobody asked for, as LensStats has.
contract LensStatsPushed is LensStatsShared, IPhatPushConsumer {
    constructor(IPhatHub hub, address owner, address[] memory attestors) LensStatsShared(hub, owner, attestors) {}

    function onPhatPush(bytes32, bool, bytes calldata) external {}
}

/// As LensStatsShared, without HubRequests.
contract LensStatsPlain is LensAnswers {
    IPhatHub private immutable hub;

    constructor(IPhatHub hub_, address owner, address[] memory attestors) {
        hub = hub_;
        hub_.register(owner, 1, attestors);
    }

    function request(string calldata profileId) external returns (uint256 id) {
        id = hub.request(msg.sender, abi.encode(profileId), 0);
        _keepQuestion(id, profileId);
    }
}

/// forge-config: default.isolate = true
contract SharedGasTest is LeanGasTest {
    PhatHub private hub;

    function group() internal pure override returns (string memory) {
        return "LensStatsShared";
    }

    function test_request_called_plainly() public {
        LensStatsPlain plain = new LensStatsPlain(hub, address(this), one(vm.addr(ATTESTOR_KEY)));
        plain.request(PROFILE);
        plain.request(PROFILE);
        vm.snapshotGasLastCall(group(), "request, called plainly");
    }

    function test_push() public override {
        pushes("push, without a callback");
        consumer = address(new LensStatsPushed(hub, address(this), one(vm.addr(ATTESTOR_KEY))));
        pushes("push");
    }

    function setUp() public {
        hub = new PhatHub();
        (anchor, consumer) = (hub, address(new LensStatsShared(hub, address(this), one(vm.addr(ATTESTOR_KEY)))));
        warmUp();
    }
}

/// forge-config: default.isolate = true
contract RollupGasTest is GasTest {
    RollupLensStats private stats;

    function group() internal pure override returns (string memory) {
        return "RollupLensStats";
    }

    function asked() internal view override returns (Asked) {
        return Asked(address(stats));
    }

    function setUp() public {
        stats = new RollupLensStats(address(this), address(this));
        stats.grantRole(stats.ATTESTOR_ROLE(), vm.addr(ATTESTOR_KEY));
        stats.request(PROFILE);
        settle(0, 1);
        stats.request(PROFILE);
        settleByMetaTransaction(1, 2);
    }

    /// @dev As workers for this interface do: the head of the queue is a condition.
    function rollup(uint32 head, uint256 id)
        private
        pure
        returns (bytes[] memory keys, bytes[] memory values, bytes[] memory actions)
    {
        (keys, values, actions) = (new bytes[](1), new bytes[](1), new bytes[](2));
        (keys[0], values[0]) = ("q/_head", head == 0 ? bytes("") : abi.encode(head));
        actions[0] = bytes.concat(hex"01", abi.encode(head + 1));
        actions[1] = bytes.concat(hex"00", abi.encode(0, id, 31_337));
    }

    function settle(uint32 head, uint256 id) private {
        (bytes[] memory keys, bytes[] memory values, bytes[] memory actions) = rollup(head, id);
        stats.rollupU256CondEq(keys, values, new bytes[](0), new bytes[](0), actions);
    }

    function settleByMetaTransaction(uint32 head, uint256 id) private {
        (bytes[] memory keys, bytes[] memory values, bytes[] memory actions) = rollup(head, id);
        bytes memory data = abi.encode(keys, values, new bytes[](0), new bytes[](0), actions);
        (MetaTransactions.ForwardRequest memory req, bytes32 digest) = stats.metaTxPrepare(vm.addr(ATTESTOR_KEY), data);
        stats.metaTxRollupU256CondEq(req, signDigest(ATTESTOR_KEY, digest));
    }

    function test_request() public {
        asked().request(PROFILE);
        vm.snapshotGasLastCall(group(), "request");
    }

    function test_settle() public {
        settle(2, asked().request(PROFILE));
        vm.snapshotGasLastCall(group(), "settle");
    }

    function test_settle_by_meta_transaction() public {
        settleByMetaTransaction(2, asked().request(PROFILE));
        vm.snapshotGasLastCall(group(), "settle by meta-transaction");
    }
}
