// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../../src/PhatAnchor.sol";

/// @title A consumer that counts its callbacks, and keeps the last one and the commitments of its requests
contract Recorder is PhatAnchor {
    mapping(uint256 => bytes32) public commitments;
    mapping(uint256 => uint256) public callsOf;
    uint256 public calls;
    uint256 public lastId;
    bool public lastSuccess;
    bytes public lastOutput;

    constructor(address owner, address[] memory attestors) PhatAnchor(owner, attestors) {}

    function ask(bytes memory input) external returns (uint256 id) {
        id = _request(input);
        commitments[id] = keccak256(abi.encode(msg.sender, keccak256(input)));
    }

    function _onOutcome(uint256 id, bool success, bytes calldata output) internal virtual override {
        ++callsOf[id];
        ++calls;
        (lastId, lastSuccess, lastOutput) = (id, success, output);
    }
}

/// @title A consumer that refuses every outcome
contract Refuser is Recorder {
    error Refused();

    constructor(address owner, address[] memory attestors) Recorder(owner, attestors) {}

    function _onOutcome(uint256, bool, bytes calldata) internal pure override {
        revert Refused();
    }
}

/// @title A consumer that brings the same outcome again from within its callback, and asks anew
contract Reentrant is Recorder {
    bytes public again;
    bytes public refusal;

    constructor(address owner, address[] memory attestors) Recorder(owner, attestors) {}

    function arm(bytes calldata call) external {
        again = call;
    }

    function _onOutcome(uint256 id, bool success, bytes calldata output) internal override {
        super._onOutcome(id, success, output);
        if (again.length == 0) return;
        (bool done, bytes memory reason) = address(this).call(again);
        require(!done, "settled twice");
        refusal = reason;
        _request("anew");
    }
}

/// @title A contract that takes its time, in gas, to be told something
contract Listener {
    uint256[] public heard;

    function tell(uint256 id) external {
        for (uint256 i = 0; i < 10; ++i) {
            heard.push(id);
        }
    }

    function count() external view returns (uint256) {
        return heard.length;
    }
}

/// @title A consumer that tells a listener, and shrugs when that fails
contract Teller is Recorder {
    Listener public immutable listener = new Listener();
    uint256 private immutable gasMin;

    constructor(address owner, address[] memory attestors, uint256 gasMin_) Recorder(owner, attestors) {
        gasMin = gasMin_;
    }

    function _onOutcome(uint256 id, bool, bytes calldata) internal override {
        try listener.tell(id) {} catch {}
    }

    function _outcomeGasMin() internal view override returns (uint256) {
        return gasMin;
    }
}
