// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Tokens for tests: one as it should be, and others as they should not be.
contract TestToken {
    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        move(to, amount);
        return true;
    }

    function move(address to, uint256 amount) internal {
        require(balanceOf[msg.sender] >= amount, "too little");
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Returns nothing, as some of the oldest tokens do.
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 amount) external {
        require(balanceOf[msg.sender] >= amount, "too little");
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Says false instead of failing, once it is told to.
contract RefusingToken is TestToken {
    bool public refusing;

    constructor(uint256 supply) TestToken(supply) {}

    function refuse(bool refusing_) external {
        refusing = refusing_;
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        if (refusing) return false;
        move(to, amount);
        return true;
    }
}

/// @notice Keeps a tenth of what is sent.
contract FeeToken is TestToken {
    constructor(uint256 supply) TestToken(supply) {}

    function transfer(address to, uint256 amount) external override returns (bool) {
        move(to, amount);
        balanceOf[to] -= amount / 10;
        return true;
    }
}

/// @notice Calls back whoever sends it, with what it was told to, and keeps how that ended.
contract ReentrantToken is TestToken {
    bytes public callback;
    bool public called;
    bool public succeeded;
    bytes public reply;

    constructor(uint256 supply) TestToken(supply) {}

    function arm(bytes calldata callback_) external {
        callback = callback_;
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        move(to, amount);
        if (callback.length > 0) {
            called = true;
            (succeeded, reply) = msg.sender.call(callback);
        }
        return true;
    }
}
